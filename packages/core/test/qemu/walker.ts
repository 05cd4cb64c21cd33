/**
 * Loads memory into a QEMU machine, makes its devices do DMA, and works out where each access went.
 *
 * A read brings back the address of what it read (see qemu-machine.ts); a write carries a unique mark, which is looked up
 * where the trace says that it went, checked, and put back. Reads stay in the device's buffer and are fetched at the end
 * with the IOMMU off, so that they do not disturb its caches.
 */
import {
  isRam,
  isSignature,
  type QemuDevice,
  QemuMachine,
  type QemuOptions,
  SCRATCH,
  signature,
} from './qemu-machine';
import { hex, memoryWrites } from './qtest';
import { QemuVtdRegisters, TRACE_EVENTS, TRACE_MARKER, type TraceView } from './vtd-registers';

/** 8-byte slots of a device's buffer that one DMA can move: edu refuses a transfer that ends at the buffer's end. */
const SLOTS = 511;
const MARK_TAG = 0x3cd7n;
const PAGE = 0x1000n;

/** Pages of physical memory: page number to its 4096 bytes. */
export type MemoryImage = ReadonlyMap<number, Uint8Array>;

export interface QemuAccess {
  /** `bus:device.function`, such as `00:03.0`. */
  device: string;
  iova: bigint;
  access: 'read' | 'write';
}

export type QemuStep =
  | ({ do: 'access' } & QemuAccess)
  | { do: 'memory'; physical: bigint; entries: readonly bigint[] }
  | { do: 'descriptor'; low: bigint; high: bigint }
  | { do: 'invalidateAll' };

/** Where an access went, or how it was refused. `silent`: nothing moved and nothing was recorded. */
export type QemuAnswer =
  | { physical: bigint; confirmedBy: 'data and trace' | 'data' | 'trace' }
  | { fault: number; iova: bigint; requesterId: number }
  | { silent: true };

interface Pending {
  device: QemuDevice;
  iova: bigint;
  access: 'read' | 'write';
  slot: number;
  mark: bigint;
  after: string[];
  view: TraceView;
  /** What a read brought into the device, and what RAM held at the address of the trace then. */
  data: bigint | null;
  expected: bigint | null;
  answer: QemuAnswer | null;
}

interface DeviceState {
  used: number;
  firstMark: bigint;
}

export class QemuWalker {
  readonly #registers = new QemuVtdRegisters(SCRATCH);
  /** Every page that differs from what QEMU started with. */
  readonly #shadow = new Map<bigint, BigUint64Array>();
  readonly #states = new Map<string, DeviceState>();
  #nextMark = 1n;
  #queue: Pending[] = [];
  #unread: Pending[] = [];
  /** The last access: its fault record is read with the next command. */
  #last: Pending | null = null;

  private constructor(readonly machine: QemuMachine) {}

  static async start(options: QemuOptions, devices: readonly string[]): Promise<QemuWalker> {
    const walker = new QemuWalker(await QemuMachine.start(options, devices, TRACE_EVENTS));
    for (const device of walker.machine.devices.values()) await walker.#loadMarks(device);
    return walker;
  }

  async close(): Promise<void> {
    await this.machine.qtest.close();
  }

  /** Runs steps on fresh memory; one answer for each access. `flush` empties all caches before each access. */
  async run(
    image: MemoryImage,
    rootTable: bigint,
    steps: readonly QemuStep[],
    flush: boolean,
  ): Promise<QemuAnswer[]> {
    const { qtest } = this.machine;
    await qtest.batch(this.#registers.disable());
    await this.#load(image);
    for (const device of this.machine.devices.values()) await this.#loadMarks(device);
    await qtest.batch(this.#registers.setUp(rootTable));
    await qtest.batch(this.#registers.enable());
    qtest.takeTrace();
    const accesses: Pending[] = [];
    for (const step of steps) {
      if (step.do === 'access') {
        accesses.push(await this.#access(step, flush));
        continue;
      }
      await this.#settle();
      if (step.do === 'memory') await this.#writeEntries(step.physical, step.entries);
      else if (step.do === 'invalidateAll') await qtest.batch(this.#registers.invalidateAll());
      else await this.#descriptor(step.low, step.high);
    }
    await this.#settle();
    await this.#readOut();
    return accesses.map((pending) => pending.answer as QemuAnswer);
  }

  /** A refused descriptor is taken off the queue again. */
  async #descriptor(low: bigint, high: bigint): Promise<void> {
    const { qtest } = this.machine;
    await qtest.batch(this.#registers.descriptor(low, high));
    const status = await qtest.command(this.#registers.readStatus());
    if (this.#registers.queueFailed(status)) await qtest.batch(this.#registers.recover());
  }

  // ---- memory

  async #load(image: MemoryImage): Promise<void> {
    const commands = [...this.#shadow.keys()].flatMap((base) => memoryWrites(base, bytesOf(pristine(base))));
    this.#shadow.clear();
    for (const [page, bytes] of image) {
      const base = BigInt(page) << 12n;
      if (!isRam(base, PAGE)) throw new Error(`page ${hex(base)} of the image is no RAM of the QEMU machine`);
      this.#shadow.set(base, new BigUint64Array(bytes.slice().buffer));
      commands.push(...memoryWrites(base, bytes));
    }
    for (let i = 0; i < commands.length; i += 64) await this.machine.qtest.batch(commands.slice(i, i + 64));
  }

  async #writeEntries(physical: bigint, entries: readonly bigint[]): Promise<void> {
    const base = physical & ~0xfffn;
    const page = this.#shadow.get(base) ?? pristine(base);
    this.#shadow.set(base, page);
    entries.forEach((entry, i) => {
      page[Number(physical & 0xfffn) / 8 + i] = entry;
    });
    await this.machine.write(base, bytesOf(page));
  }

  /** What RAM holds at a word; null where there is no RAM. */
  #word(physical: bigint): bigint | null {
    if (!isRam(physical & ~7n, 8n)) return null;
    const page = this.#shadow.get(physical & ~0xfffn);
    return page === undefined ? signature(physical & ~7n) : (page[Number(physical & 0xfffn) >> 3] as bigint);
  }

  // ---- accesses

  /** Fills a device's buffer with marks. Only while the IOMMU is off. */
  async #loadMarks(device: QemuDevice): Promise<void> {
    const firstMark = this.#nextMark;
    this.#nextMark += BigInt(SLOTS);
    this.#states.set(device.address, { used: 0, firstMark });
    const marks = BigUint64Array.from(
      { length: SLOTS },
      (_, i) => (MARK_TAG << 48n) | (firstMark + BigInt(i)),
    );
    await this.machine.write(SCRATCH, bytesOf(marks));
    await this.machine.dma(device, 'toDevice', SCRATCH, 0, SLOTS * 8);
  }

  async #access({ device: address, iova, access }: QemuAccess, flush: boolean): Promise<Pending> {
    const device = this.machine.device(address);
    const state = this.#states.get(address) as DeviceState;
    if (state.used === SLOTS) throw new Error(`more than ${SLOTS} accesses of ${address} in one run`);
    const slot = state.used++;
    const mark = (MARK_TAG << 48n) | (state.firstMark + BigInt(slot));
    const pending: Pending = {
      device,
      iova,
      access,
      slot,
      mark,
      after: [],
      view: {},
      data: null,
      expected: null,
      answer: null,
    };
    const before = this.#last === null ? [] : this.#registers.afterAccess();
    const recordAnswers = before.length;
    if (flush) before.push(...this.#registers.invalidateAll());
    const direction = access === 'read' ? 'toDevice' : 'fromDevice';
    const answers = await this.machine.dma(device, direction, iova & ~7n, slot * 8, 8, before);
    if (this.#last !== null) this.#last.after = answers.slice(0, recordAnswers);
    this.#last = pending;
    this.#queue.push(pending);
    // A written word is looked up and put back before anything else happens.
    if (access === 'write') await this.#settle();
    return pending;
  }

  /** Collects trace and fault records of everything queued, without disturbing the IOMMU's caches. */
  async #settle(): Promise<void> {
    if (this.#last !== null) {
      this.#last.after = await this.machine.qtest.batch(this.#registers.afterAccess());
      this.#last = null;
    }
    const lines = this.machine.qtest.takeTrace();
    let at = 0;
    for (const pending of this.#queue) {
      const end = lines.findIndex((line, i) => i >= at && line.startsWith(TRACE_MARKER));
      const own = lines
        .slice(at, end < 0 ? lines.length : end)
        .filter((line) => !line.startsWith('vtd_reg_read'));
      at = end < 0 ? lines.length : end + 1;
      pending.view = this.#registers.view(own, pending.iova & ~7n);
      const { physical } = pending.view;
      pending.expected = physical === undefined ? null : this.#word(physical);
      if (pending.access === 'write') await this.#findWrite(pending);
      else this.#unread.push(pending);
    }
    this.#queue = [];
  }

  /** Looks for the mark at the address of the trace and at the untranslated one, and puts the old word back. */
  async #findWrite(pending: Pending): Promise<void> {
    const { view, iova, mark } = pending;
    const candidates = [view.physical, iova & ~7n].filter(
      (c): c is bigint => c !== undefined && isRam(c, 8n),
    );
    for (const candidate of candidates) {
      if (BigInt(await this.machine.qtest.command(`readq ${hex(candidate)}`)) !== mark) continue;
      await this.machine.qtest.command(`writeq ${hex(candidate)} ${hex(this.#word(candidate) as bigint)}`);
      this.#conclude(pending, candidate);
      return;
    }
    this.#conclude(pending, null);
  }

  /** Brings back what the devices have read. Turns the IOMMU off, which empties its caches. */
  async #readOut(): Promise<void> {
    await this.machine.qtest.batch(this.#registers.disable());
    for (const device of new Set(this.#unread.map((pending) => pending.device))) {
      await this.machine.dma(device, 'fromDevice', SCRATCH + 0x1000n, 0, SLOTS * 8);
      const bytes = await this.machine.readBytes(SCRATCH + 0x1000n, SLOTS * 8);
      for (const pending of this.#unread) {
        if (pending.device === device) pending.data = bytes.readBigUInt64LE(pending.slot * 8);
      }
    }
    for (const pending of this.#unread) {
      const { data } = pending;
      this.#conclude(pending, data !== null && isSignature(data) ? data & 0xffffffffffffn : null);
    }
    this.#unread = [];
  }

  /** Weighs what the data, the record and the trace say. An Error when they contradict each other. */
  #conclude(pending: Pending, dataAt: bigint | null): void {
    const { iova, view } = pending;
    const within = iova & 7n;
    const where = `${pending.device.address} ${pending.access} ${hex(iova)}`;
    const record = this.#registers.record(pending.after);
    if (dataAt !== null) {
      if (record !== null) throw new Error(`${where}: the data moved and fault ${record.code} was recorded`);
      if (view.physical !== undefined && view.physical !== dataAt) {
        throw new Error(`${where}: the data says ${hex(dataAt)}, the trace ${hex(view.physical)}`);
      }
      const confirmedBy = view.physical === undefined ? 'data' : 'data and trace';
      pending.answer = { physical: dataAt | within, confirmedBy };
    } else if (record !== null) {
      pending.answer = { fault: record.code, iova: record.iova, requesterId: record.requesterId };
    } else if (view.physical !== undefined && this.#traceIsEnough(pending)) {
      pending.answer = { physical: view.physical | within, confirmedBy: 'trace' };
    } else pending.answer = { silent: true };
  }

  /** Whether the trace's address stands without the data: it is no RAM, or the read brought what RAM held there. */
  #traceIsEnough({ access, view, data, expected, mark }: Pending): boolean {
    if (view.physical !== undefined && !isRam(view.physical, 8n)) return true;
    return access === 'read' && data === expected && data !== mark;
  }
}

/** What a page of RAM holds until it is written. */
function pristine(base: bigint): BigUint64Array {
  return BigUint64Array.from({ length: 512 }, (_, i) => signature(base + BigInt(i * 8)));
}

function bytesOf(words: BigUint64Array): Uint8Array {
  return new Uint8Array(words.buffer);
}
