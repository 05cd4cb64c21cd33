/** The user's own memory. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { sysMmap, sysMunmap } from '../syscall/mappings';
import { userFill, userLoad } from '../task/mapping-steps';
import type { Task } from '../task/task';
import { NOTHING, type UserCall } from './user-call';

/** `protection`: `rw`, `r-` or `--`. `hugePages`: the kernel may use frames of 2 MiB. */
export function mapMemory(
  vaddr: bigint,
  lengthBytes: bigint,
  protection: string,
  hugePages: boolean,
): UserCall {
  const readable = protection.startsWith('r');
  const writable = protection.endsWith('w');
  return {
    name: 'mem.map',
    *run(task: Task): Op<number | Errno> {
      return yield* sysMmap(task, { vaddr, lengthBytes, readable, writable, hugePages });
    },
    out: () => NOTHING,
  };
}

/** Memory or a BAR. */
export function unmapMemory(vaddr: bigint, lengthBytes: bigint): UserCall {
  return {
    name: 'mem.unmap',
    *run(task: Task): Op<number | Errno> {
      return yield* sysMunmap(task, vaddr, lengthBytes);
    },
    out: () => NOTHING,
  };
}

/** EFAULT where the program would get a signal. */
export function fillMemory(vaddr: bigint, lengthBytes: number, byte: number): UserCall {
  return {
    name: 'mem.fill',
    *run(task: Task): Op<number | Errno> {
      return yield* userFill(task.mm, vaddr, lengthBytes, byte);
    },
    out: () => NOTHING,
  };
}

/** Out: runs, as pairs of byte and count. EFAULT where the program would get a signal. */
export function peekMemory(vaddr: bigint, lengthBytes: number): UserCall {
  const bytes = new Uint8Array(lengthBytes);
  let loaded = false;
  return {
    name: 'mem.peek',
    *run(task: Task): Op<number | Errno> {
      const error = yield* userLoad(task.mm, vaddr, bytes);
      loaded = error === 0;
      return error;
    },
    out: () => (loaded ? { runs: runsOf(bytes) } : NOTHING),
  };
}

function runsOf(bytes: Uint8Array): [string, number][] {
  const runs: [string, number][] = [];
  for (const byte of bytes) {
    const last = runs.at(-1);
    const shown = `0x${byte.toString(16).padStart(2, '0')}`;
    if (last !== undefined && last[0] === shown) last[1]++;
    else runs.push([shown, 1]);
  }
  return runs;
}
