/** A VT-d unit with root, context and second-stage tables on it, for tests. */
import {
  addressOf,
  type BehaviourName,
  PageTable,
  PhysicalMemory,
  PROT_READ,
  PROT_WRITE,
  requesterIdOf,
  VtdUnit,
  vtd,
  vtdSecondStage,
} from '../src/index';

/** CAP and ECAP of the recorded machines: 39 bits, caching mode, one fault record at 0x220, queue, pass-through. */
export const RECORDED_CAP = 0xd2008c22260286n;
export const RECORDED_ECAP = 0xf00f4an;
/** The same without caching mode. */
export const PLAIN_CAP = RECORDED_CAP & ~0x80n;
export const RW = PROT_READ | PROT_WRITE;

export interface RigOptions {
  capability?: bigint;
  extendedCapability?: bigint;
  behaviour?: BehaviourName;
}

export class Rig {
  readonly memory = new PhysicalMemory({
    ram: [
      { start: '0x0', lengthBytes: '0xa0000' },
      { start: '0x100000', lengthBytes: '0xff00000' },
    ],
    tableArenaBytes: 0x400000,
  });
  readonly unit: VtdUnit;
  readonly root = this.memory.allocateTable();
  readonly queue = this.memory.allocateTable();
  readonly #contexts = new Map<number, number>();

  constructor(options: RigOptions = {}) {
    const { capability = PLAIN_CAP, extendedCapability = RECORDED_ECAP, behaviour = 'hardware' } = options;
    this.unit = new VtdUnit(this.memory, { capability, extendedCapability, behaviour });
    const { unit } = this;
    unit.writeRegister(vtd.REGISTER.IQA, addressOf(this.queue));
    unit.writeRegister(vtd.REGISTER.GCMD, 1n << 26n);
    unit.writeRegister(vtd.REGISTER.RTADDR, addressOf(this.root));
    unit.writeRegister(vtd.REGISTER.GCMD, (1n << 30n) | (1n << 26n));
    unit.writeRegister(vtd.REGISTER.GCMD, (1n << 31n) | (1n << 26n));
  }

  table(levels: 3 | 4 | 5 = 3): PageTable {
    const table = PageTable.create(this.memory, vtdSecondStage, { levels });
    if (typeof table === 'string') throw new Error(table);
    return table;
  }

  contextPage(bus: number): number {
    let page = this.#contexts.get(bus);
    if (page === undefined) {
      page = this.memory.allocateTable();
      this.#contexts.set(bus, page);
      this.memory.writeEntry(this.root, bus * 2, vtd.rootEntry(page).low);
    }
    return page;
  }

  setContext(requesterId: number, low: bigint, high: bigint): void {
    const page = this.contextPage(requesterId >> 8);
    this.memory.writeEntry(page, (requesterId & 0xff) * 2, low);
    this.memory.writeEntry(page, (requesterId & 0xff) * 2 + 1, high);
  }

  attach(
    requesterId: number,
    table: PageTable,
    domainId: number,
    options: { faultDisable?: boolean } = {},
  ): void {
    const addressWidth = (table.levels - 2) as 1 | 2 | 3;
    const entry = vtd.contextEntry({
      tablePage: table.rootPage,
      translationType: 0,
      addressWidth,
      domainId,
      ...options,
    });
    this.setContext(requesterId, entry.low, entry.high);
  }

  send(pair: { low: bigint; high: bigint }): number {
    return this.unit.submit(pair.low, pair.high);
  }
}

export const A = requesterIdOf(0, 0x18);
export const B = requesterIdOf(0, 0x20);
export const C = requesterIdOf(4, 0);
