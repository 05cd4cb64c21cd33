/** mmap and munmap, at addresses that the caller chooses. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { fput } from '../files/fput';
import type { OpenFile } from '../files/open-file';
import { mapStep, unmapStep } from '../task/mapping-steps';
import type { MemoryArea } from '../task/memory-area';
import type { Mm } from '../task/mm';
import type { Task } from '../task/task';
import { systemCall } from './to-user';

/** What is mapped: anonymous memory, or a file from an offset on. */
export interface Mapping {
  readonly vaddr: bigint;
  readonly lengthBytes: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Anonymous memory may lie in frames of 2 MiB. */
  readonly hugePages?: boolean;
  readonly file?: { readonly descriptor: number; readonly offset: bigint; readonly shared: boolean };
}

/** EINVAL: not whole pages. EBADF. Otherwise the file's own errors. What lay there is replaced. `@kernel mmap` */
export function* sysMmap(task: Task, mapping: Mapping): Op<number | Errno> {
  return yield* systemCall(task, mapAnything(task, mapping));
}

/** EINVAL: not whole pages. What is not mapped is no error. `@kernel munmap` */
export function* sysMunmap(task: Task, vaddr: bigint, lengthBytes: bigint): Op<number | Errno> {
  return yield* systemCall(task, changeMappings(task.mm, unmapArea(task.mm, vaddr, lengthBytes)));
}

function* mapAnything(task: Task, mapping: Mapping): Op<0 | Errno> {
  const pages = wholePages(mapping.vaddr, mapping.lengthBytes);
  if (pages === null) return 'EINVAL';
  const firstPage = Number(mapping.vaddr >> 12n);
  const { file } = mapping;
  if (file === undefined) {
    const { readable, writable } = mapping;
    const hugePages = mapping.hugePages === true;
    const area = { firstPage, pages, readable, writable, hugePages, device: null };
    return yield* changeMappings(task.mm, addArea(task.mm, area));
  }
  const opened = yield* task.files.get(file.descriptor);
  if (opened === null) return 'EBADF';
  const request = { firstPage, pages, offset: file.offset, shared: file.shared };
  const answer = yield* changeMappings(task.mm, opened.map(task, request));
  yield* fput(opened);
  return answer;
}

function* addArea(mm: Mm, area: MemoryArea): Op<0> {
  yield* mapStep(mm, area);
  return 0;
}

function* unmapArea(mm: Mm, vaddr: bigint, lengthBytes: bigint): Op<0 | Errno> {
  const pages = wholePages(vaddr, lengthBytes);
  if (pages === null) return 'EINVAL';
  yield* unmapStep(mm, Number(vaddr >> 12n), pages);
  return 0;
}

/** Runs `change` under the lock and keeps the references to mapped files in step with it: one for each area. */
export function* changeMappings(mm: Mm, change: Op<0 | Errno>): Op<0 | Errno> {
  yield* mm.mmapLock.downWrite();
  const before = mm.deviceFiles();
  const answer = yield* change;
  const after = mm.deviceFiles();
  yield* mm.mmapLock.upWrite();
  for (const file of onlyIn(after, before)) yield* file.refs.get();
  for (const file of onlyIn(before, after)) yield* fput(file);
  return answer;
}

/** What `a` has more of than `b`, as often as it has more. */
function onlyIn(a: readonly OpenFile[], b: readonly OpenFile[]): OpenFile[] {
  const rest = [...b];
  return a.filter((file) => {
    const index = rest.indexOf(file);
    if (index < 0) return true;
    rest.splice(index, 1);
    return false;
  });
}

function wholePages(vaddr: bigint, lengthBytes: bigint): number | null {
  if (vaddr % 4096n !== 0n || lengthBytes <= 0n) return null;
  return Number((lengthBytes + 4095n) / 4096n);
}
