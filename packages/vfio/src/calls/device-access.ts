/** Configuration space and BAR0 through a device's descriptor. */
import { hex } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { REGION, REGION_SHIFT } from '../device/pci/info';
import { sysPread, sysPwrite } from '../syscall/descriptors';
import { userMmioLoad } from '../syscall/device-memory';
import { sysMmap, sysMunmap } from '../syscall/mappings';
import type { Task } from '../task/task';
import { SCRATCH_VADDR } from './scratch';
import { NOTHING, type Out, type UserCall } from './user-call';

const SIGSEGV = 11;
const SIGBUS = 7;

/** Out: value, of as many bytes as were read. Returns how many. */
export function configRead(fd: number, offset: bigint, length: number): UserCall {
  return positionedRead('config.read', fd, regionOffset(REGION.CONFIG, offset), length);
}

/** Returns the bytes written. */
export function configWrite(fd: number, offset: bigint, length: number, value: bigint): UserCall {
  return positionedWrite('config.write', fd, regionOffset(REGION.CONFIG, offset), length, value);
}

/** Out: value. */
export function barRead(fd: number, offset: bigint, length: number): UserCall {
  return positionedRead('bar.read', fd, offset, length);
}

/** Returns the bytes written. */
export function barWrite(fd: number, offset: bigint, length: number, value: bigint): UserCall {
  return positionedWrite('bar.write', fd, offset, length, value);
}

/** Where a region starts in the device's file. */
export function regionOffset(index: number, offset: bigint): bigint {
  return (BigInt(index) << REGION_SHIFT) + offset;
}

/** Maps a region at `vaddr`; the mapping keeps the file open until it is undone. */
export function mapRegion(fd: number, vaddr: bigint, region: number, lengthBytes: bigint): UserCall {
  return mapAt('bar.mmap', fd, vaddr, regionOffset(region, 0n), lengthBytes, true);
}

/** Maps from any offset of the file and undoes it at once: only the answer counts. */
export function tryMap(fd: number, offset: bigint, lengthBytes: bigint, shared: boolean): UserCall {
  const map = mapAt('bar.mmap', fd, SCRATCH_VADDR, offset, lengthBytes, shared);
  return {
    ...map,
    *run(task: Task): Op<number | Errno> {
      const answer = yield* map.run(task);
      if (answer === 0) yield* sysMunmap(task, SCRATCH_VADDR, lengthBytes);
      return answer;
    },
  };
}

/** Loads four bytes from a mapping of BAR0 made for it. Out: signal (0, or what the load raised), value. */
export function barLoad(fd: number, offset: bigint): UserCall {
  let out: Out = NOTHING;
  const page = offset & ~0xfffn;
  const map = mapAt('bar.load', fd, SCRATCH_VADDR, page, 4096n, true);
  return {
    name: map.name,
    *run(task: Task): Op<number | Errno> {
      const mapped = yield* map.run(task);
      if (mapped !== 0) return mapped;
      const loaded = yield* userMmioLoad(task, SCRATCH_VADDR + (offset - page), 4);
      if (typeof loaded === 'bigint') out = { signal: 0, value: hex(loaded) };
      else out = { signal: loaded === 'SIGBUS' ? SIGBUS : SIGSEGV };
      yield* sysMunmap(task, SCRATCH_VADDR, 4096n);
      return 0;
    },
    out: () => out,
  };
}

function mapAt(
  name: string,
  fd: number,
  vaddr: bigint,
  offset: bigint,
  lengthBytes: bigint,
  shared: boolean,
): UserCall {
  const file = { descriptor: fd, offset, shared };
  return {
    name,
    *run(task: Task): Op<number | Errno> {
      return yield* sysMmap(task, { vaddr, lengthBytes, readable: true, writable: true, file });
    },
    out: () => NOTHING,
  };
}

function positionedRead(name: string, fd: number, position: bigint, length: number): UserCall {
  const bytes = new Uint8Array(length);
  let read: number | Errno = 0;
  return {
    name,
    *run(task: Task): Op<number | Errno> {
      read = yield* sysPread(task, fd, bytes, position);
      return read;
    },
    out: () => (typeof read === 'number' ? { value: hex(fromBytes(bytes.subarray(0, read))) } : NOTHING),
  };
}

function positionedWrite(
  name: string,
  fd: number,
  position: bigint,
  length: number,
  value: bigint,
): UserCall {
  return {
    name,
    *run(task: Task): Op<number | Errno> {
      return yield* sysPwrite(task, fd, toBytes(value, length), position);
    },
    out: () => NOTHING,
  };
}

function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toBytes(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => Number((value >> BigInt(n * 8)) & 0xffn));
}
