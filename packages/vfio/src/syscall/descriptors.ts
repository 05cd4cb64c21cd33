/** System calls on descriptors. Each answers a number or an errno; EBADF: the descriptor is not open. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { fput } from '../files/fput';
import type { OpenFile } from '../files/open-file';
import type { IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import { systemCall } from './to-user';

/** Runs `use` with the file behind a descriptor. */
function* withFile(
  task: Task,
  descriptor: number,
  use: (file: OpenFile) => Op<number | Errno>,
): Op<number | Errno> {
  const file = yield* task.files.get(descriptor);
  if (file === null) return 'EBADF';
  const answer = yield* use(file);
  yield* fput(file);
  return answer;
}

/** Dispatched by number on the kind of file. `@kernel ioctl` */
export function* sysIoctl(
  task: Task,
  descriptor: number,
  request: number,
  argument: IoctlArgument,
): Op<number | Errno> {
  return yield* systemCall(
    task,
    withFile(task, descriptor, (file) => file.ioctl(task, request, argument)),
  );
}

/** One close is one call: the file is released if nobody else holds it. `@kernel close` */
export function* sysClose(task: Task, descriptor: number): Op<number | Errno> {
  return yield* systemCall(task, closeDescriptor(task, descriptor));
}

function* closeDescriptor(task: Task, descriptor: number): Op<number | Errno> {
  const file = yield* task.files.takeOut(descriptor);
  if (file === null) return 'EBADF';
  yield* fput(file);
  return 0;
}

/** A second descriptor of the same open file. `@kernel dup` */
export function* sysDup(task: Task, descriptor: number): Op<number | Errno> {
  const file = yield* task.files.get(descriptor);
  return file === null ? 'EBADF' : yield* task.files.install(file);
}

/** Reads at the file's own position, which moves on. `@kernel read` */
export function* sysRead(task: Task, descriptor: number, target: Uint8Array): Op<number | Errno> {
  return yield* systemCall(
    task,
    withFile(task, descriptor, function* readOn(file) {
      const position = yield* file.position.load();
      return yield* moveOn(file, position, yield* file.read(task, target, position));
    }),
  );
}

/** Writes at the file's own position, which moves on. `@kernel write` */
export function* sysWrite(task: Task, descriptor: number, source: Uint8Array): Op<number | Errno> {
  return yield* systemCall(
    task,
    withFile(task, descriptor, function* writeOn(file) {
      const position = yield* file.position.load();
      return yield* moveOn(file, position, yield* file.write(task, source, position));
    }),
  );
}

function* moveOn(file: OpenFile, position: bigint, answer: number | Errno): Op<number | Errno> {
  if (typeof answer === 'number' && answer > 0) yield* file.position.store(position + BigInt(answer));
  return answer;
}

/** `@kernel pread64` */
export function* sysPread(
  task: Task,
  descriptor: number,
  target: Uint8Array,
  position: bigint,
): Op<number | Errno> {
  return yield* systemCall(
    task,
    withFile(task, descriptor, (file) => file.read(task, target, position)),
  );
}

/** `@kernel pwrite64` */
export function* sysPwrite(
  task: Task,
  descriptor: number,
  source: Uint8Array,
  position: bigint,
): Op<number | Errno> {
  return yield* systemCall(
    task,
    withFile(task, descriptor, (file) => file.write(task, source, position)),
  );
}
