/**
 * Named calls of a user program: a structure is packed, the kernel is called, the structure is unpacked. A call is a
 * value: it can be performed at once, or be a thread of a search. What comes back is in the words of the trace grammar:
 * 64-bit numbers are hexadecimal strings.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { IoctlArgument } from '../ioctl/argument';
import { sysIoctl } from '../syscall/descriptors';
import type { Task } from '../task/task';

/** What a call wrote back, by the names of the trace grammar. */
export type Out = Readonly<Record<string, unknown>>;

export interface UserCall {
  readonly name: string;
  /** The program's part and the kernel's, on behalf of `task`. */
  run(task: Task): Op<number | Errno>;
  /** What was written back. Meaningful once `run` has returned. */
  out(): Out;
}

export const NOTHING: Out = {};

/** An ioctl whose structure is `argument`; `out` unpacks it after success. */
export function ioctlCall(
  name: string,
  descriptor: number,
  request: number,
  argument: IoctlArgument,
  out: () => Out = () => NOTHING,
): UserCall {
  let succeeded = false;
  return {
    name,
    *run(task: Task): Op<number | Errno> {
      const answer = yield* sysIoctl(task, descriptor, request, argument);
      succeeded = typeof answer === 'number';
      return answer;
    },
    out: () => (succeeded ? out() : NOTHING),
  };
}

/** A structure under construction: zeroed, little-endian. */
export class Structure {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(lengthBytes: number) {
    this.bytes = new Uint8Array(lengthBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, value, true);
    return this;
  }

  s32(offset: number, value: number): this {
    this.#view.setInt32(offset, value, true);
    return this;
  }

  u64(offset: number, value: bigint): this {
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  u16At(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  u32At(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  u64At(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }
}
