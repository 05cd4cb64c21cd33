/**
 * A QEMU q35 machine with `intel-iommu`, `edu` devices, and a CPU that never runs anything.
 *
 * Every 8-byte word of its RAM holds a tag and its own address until something is written there, so a DMA read brings
 * its address back.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hex, memoryWrites, padded, QTest } from './qtest';

const MEBIBYTE = 1n << 20n;
const SIGNATURE_TAG = 0xa5c3n;
const RAM_BYTES = 256n * MEBIBYTE;
/** The last 64 KiB of RAM belong to the tool: queue, status words, bounce pages. */
export const SCRATCH = RAM_BYTES - 0x10000n;
const FIRST_BAR = 0xc0000000n;
const EDU_ID = 0x11e81234;

export const signature = (physical: bigint): bigint => (SIGNATURE_TAG << 48n) | physical;
export const isSignature = (value: bigint): boolean => value >> 48n === SIGNATURE_TAG;

/** Whether `lengthBytes` at a physical address are plain RAM: a PC has a hole for VGA and BIOS. */
export function isRam(physical: bigint, lengthBytes = 1n): boolean {
  if (physical < 0x100000n && physical + lengthBytes > 0xa0000n) return false;
  return physical >= 0n && physical + lengthBytes <= RAM_BYTES;
}

export interface QemuDevice {
  readonly address: string;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
  readonly bar: bigint;
}

export interface QemuOptions {
  addressBits: 39 | 48;
  /** More properties of intel-iommu, such as `snoop-control=on`. */
  properties?: string;
}

/** RAM content as a file that QEMU maps copy-on-write. */
function signatureFile(): string {
  const file = path.join(os.tmpdir(), `iommu-lab-qemu-ram-${RAM_BYTES}.bin`);
  if (fs.existsSync(file) && BigInt(fs.statSync(file).size) === RAM_BYTES) return file;
  const folder = fs.mkdtempSync(`${file}.`);
  const temporary = path.join(folder, 'ram');
  const fd = fs.openSync(temporary, 'w');
  const words = new BigUint64Array(Number(MEBIBYTE) / 8);
  for (let base = 0n; base < RAM_BYTES; base += MEBIBYTE) {
    for (let i = 0; i < words.length; i++) words[i] = signature(base + BigInt(i * 8));
    fs.writeSync(fd, new Uint8Array(words.buffer));
  }
  fs.closeSync(fd);
  fs.renameSync(temporary, file);
  fs.rmdirSync(folder);
  return file;
}

interface Place {
  bus: number;
  device: number;
  function: number;
}

function parse(address: string): Place {
  const match = /^([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(address);
  if (match === null) throw new Error(`'${address}' is no bus:device.function`);
  const [bus, device, fn] = match.slice(1).map((part) => Number.parseInt(part, 16)) as [
    number,
    number,
    number,
  ];
  return { bus, device, function: fn };
}

const text = ({ bus, device, function: fn }: Place): string =>
  `${bus.toString(16).padStart(2, '0')}:${device.toString(16).padStart(2, '0')}.${fn}`;

/** The functions asked for, and function 0 of their slots, without which they are not found. */
function withFunctionZero(addresses: readonly string[]): Place[] {
  const all = new Set(addresses.flatMap((address) => [text({ ...parse(address), function: 0 }), address]));
  return [...all].sort().map(parse);
}

export class QemuMachine {
  readonly devices = new Map<string, QemuDevice>();
  #polls = 4;

  private constructor(readonly qtest: QTest) {}

  /** Starts the machine with `edu` at each address (`00:03.0`; buses above 0 lie behind root ports). */
  static async start(
    options: QemuOptions,
    addresses: readonly string[],
    traceEvents: string[],
  ): Promise<QemuMachine> {
    const places = withFunctionZero(addresses);
    const buses = [...new Set(places.map((place) => place.bus))].filter((bus) => bus !== 0);
    const { addressBits, properties } = options;
    const unit = `intel-iommu,intremap=off,aw-bits=${addressBits}${properties === undefined ? '' : `,${properties}`}`;
    const memory = `memory-backend-file,id=ram0,size=${RAM_BYTES},mem-path=${signatureFile()},share=off,prealloc=off`;
    const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-accel', 'tcg'];
    args.push('-icount', 'shift=0,sleep=off', '-m', `${RAM_BYTES / MEBIBYTE}M`, '-object', memory);
    args.push('-machine', 'q35,memory-backend=ram0,smm=off,vmport=off,hpet=off,pit=off,usb=off');
    args.push('-bios', '@DIR@/halt.bin', '-cpu', 'qemu64,phys-bits=52', '-device', unit);
    buses.forEach((bus, i) => {
      args.push(
        '-device',
        `pcie-root-port,id=rp${bus},bus=pcie.0,addr=1e.${i},chassis=${i + 1},slot=${i + 1},hotplug=off,multifunction=on`,
      );
    });
    for (const place of places) {
      const bus = place.bus === 0 ? 'pcie.0' : `rp${place.bus}`;
      const at = `${place.device.toString(16)}.${place.function}`;
      args.push('-device', `edu,bus=${bus},addr=${at},multifunction=on,dma_mask=${(1n << 64n) - 1n}`);
    }
    // Reset vector: cli; hlt; jump back to the hlt. Nothing else is ever executed.
    const bios = Buffer.alloc(0x10000, 0xf4);
    Buffer.from([0xfa, 0xf4, 0xeb, 0xfd]).copy(bios, 0xfff0);
    const qtest = await QTest.launch({
      binary: 'qemu-system-x86_64',
      args,
      traceEvents,
      files: { 'halt.bin': bios },
    });
    const machine = new QemuMachine(qtest);
    try {
      await machine.#configure(places, buses);
    } catch (error) {
      await qtest.close();
      throw error;
    }
    return machine;
  }

  async #configure(places: Place[], buses: number[]): Promise<void> {
    let bar = FIRST_BAR;
    for (const [i, bus] of buses.entries()) {
      const first = FIRST_BAR + MEBIBYTE * BigInt(places.filter((place) => place.bus < bus).length);
      const last = first + MEBIBYTE * BigInt(places.filter((place) => place.bus === bus).length) - 1n;
      const port = { bus: 0, device: 0x1e, function: i };
      await this.#writeConfig(port, 0x18, (bus << 16) | (bus << 8));
      await this.#writeConfig(
        port,
        0x20,
        Number((((last >> 16n) & 0xfff0n) << 16n) | ((first >> 16n) & 0xfff0n)),
      );
      await this.#writeConfig(port, 0x04, 6);
    }
    for (const place of places) {
      const id = await this.#readConfig(place, 0);
      if (id !== EDU_ID) throw new Error(`no edu device at ${text(place)}: config word ${hex(id)}`);
      await this.#writeConfig(place, 0x10, Number(bar));
      await this.#writeConfig(place, 0x04, 6);
      this.devices.set(text(place), { address: text(place), ...place, bar });
      bar += MEBIBYTE;
    }
  }

  #select(place: Place, register: number): string {
    return `outl 0xcf8 ${hex(0x80000000 + place.bus * 65536 + place.device * 2048 + place.function * 256 + register)}`;
  }
  async #readConfig(place: Place, register: number): Promise<number> {
    return Number((await this.qtest.batch([this.#select(place, register), 'inl 0xcfc']))[1]);
  }
  async #writeConfig(place: Place, register: number, value: number): Promise<void> {
    await this.qtest.batch([this.#select(place, register), `outl 0xcfc ${hex(value)}`]);
  }

  device(address: string): QemuDevice {
    const device = this.devices.get(address);
    if (device === undefined)
      throw new Error(`device ${address} was not in the list that the machine started with`);
    return device;
  }

  /**
   * One DMA. The device starts it from a 100 ms virtual timer; with -icount sleep=off virtual time jumps there as soon as
   * the main loop turns, so the status register is polled with commands that fill one turn each. The answers of the
   * commands in `before`, which ride along in front, come back.
   */
  async dma(
    device: QemuDevice,
    direction: 'toDevice' | 'fromDevice',
    physical: bigint,
    bufferOffset: number,
    lengthBytes: number,
    before: string[] = [],
  ): Promise<string[]> {
    const buffer = 0x40000n + BigInt(bufferOffset);
    const [source, destination] = direction === 'toDevice' ? [physical, buffer] : [buffer, physical];
    const head = [
      ...before,
      `writeq ${hex(device.bar + 0x80n)} ${hex(source)}`,
      `writeq ${hex(device.bar + 0x88n)} ${hex(destination)}`,
      `writeq ${hex(device.bar + 0x90n)} ${lengthBytes}`,
    ];
    const headBytes = head.reduce((sum, command) => sum + command.length + 1, 0);
    const poll = padded(`readq ${hex(device.bar + 0x98n)}`);
    const start = padded(`writeq ${hex(device.bar + 0x98n)} ${direction === 'toDevice' ? 1 : 3}`, headBytes);
    const isDone = (status: string): boolean => (BigInt(status) & 1n) === 0n;
    const polls = Array<string>(this.#polls).fill(poll);
    const answers = await this.qtest.batch([...head, start, ...polls]);
    const statuses = answers.slice(head.length + 1);
    if (!statuses.some(isDone)) {
      this.#polls = Math.min(this.#polls + 1, 12);
      for (let tries = 0; !(await this.qtest.batch([poll, poll])).some(isDone); tries++) {
        if (tries > 20000) throw new Error(`device ${device.address} does not finish its DMA`);
      }
    }
    return answers.slice(0, before.length);
  }

  async write(physical: bigint, data: Uint8Array): Promise<void> {
    await this.qtest.batch(memoryWrites(physical, data));
  }

  async readBytes(physical: bigint, lengthBytes: number): Promise<Buffer> {
    return Buffer.from(await this.qtest.command(`b64read ${hex(physical)} ${hex(lengthBytes)}`), 'base64');
  }
}
