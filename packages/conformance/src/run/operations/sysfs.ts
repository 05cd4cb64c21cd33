/** What an administrator does through sysfs. */
import { type CallResult, UsageError } from '@iommu-lab/explorer';
import { type Out, sysfs } from '@iommu-lab/vfio';
import type { StepAnswer } from '../../trace/compare';
import { type Context, cameTo } from '../context';
import type { CaseHandlers, Handlers } from '../handlers';

/** How long the recorder waited for a call that was started aside, in milliseconds of virtual time. */
const PATIENCE_MS = 3000;

export const sysfsHandlers: Handlers<
  | 'sysfs.bind'
  | 'sysfs.unbind'
  | 'sysfs.remove'
  | 'sysfs.rescan'
  | 'sysfs.config.write'
  | 'sysfs.bar.mmap'
  | 'param.write'
> = {
  *'sysfs.bind'(context, { dev, driver }) {
    const answer = yield* context.answerOf(sysfs.sysfsBind(context.system.vfio, dev, driver));
    return { ...answer, out: driverAfterwards(context, dev) };
  },

  *'sysfs.unbind'(context, { dev }) {
    const answer = yield* context.answerOf(sysfs.sysfsUnbind(context.system.vfio, dev));
    return { ...answer, out: driverAfterwards(context, dev) };
  },

  *'sysfs.remove'(context, { dev }) {
    const answer = yield* context.answerOf(sysfs.sysfsRemove(context.system.vfio, dev));
    return { ...answer, out: { present: context.system.sysfs.isPresent(dev) } };
  },

  'sysfs.rescan': (context) => context.answerOf(sysfs.sysfsRescan(context.system.vfio)),

  'sysfs.config.write': (context, { dev, off, len, value }) =>
    context.answerOf(
      sysfs.sysfsConfigWrite(context.system.vfio, dev, Number(off), len as 1 | 2 | 4, Number(value)),
    ),

  'sysfs.bar.mmap': (context, { dev, vaddr, len }) =>
    context.answerOf(sysfs.sysfsMapBar(context.task, dev, BigInt(vaddr), BigInt(len))),

  'param.write': (context, { param, value }) =>
    context.answerOf(sysfs.sysfsWriteParameter(context.system.vfio, param, value)),
};

export const laterHandlers: CaseHandlers<'sysfs.unbind.done' | 'sysfs.remove.done'> = {
  'sysfs.unbind.done': (context, { dev }) => finished(context, 'sysfs.unbind', dev),
  'sysfs.remove.done': (context, { dev }) => finished(context, 'sysfs.remove', dev),
};

/** The driver of a device, which a recorder looks at also after a bind that killed the kernel. */
export function driverAfterwards(context: Context, dev: string): Out {
  return { driver: context.system.sysfs.driverOf(dev) };
}

/** Where a call stands that had to wait, after the recorder's patience. */
function lateAnswer(context: Context, started: CallResult<StepAnswer>): StepAnswer {
  if (started.status === 'returned') return started.value;
  if (!started.fiber.finished) context.system.advanceTime(PATIENCE_MS);
  return cameTo(started);
}

function finished(context: Context, operation: string, dev: string): StepAnswer {
  const started = context.pending.get(`${operation} ${dev}`);
  if (started === undefined) throw new UsageError(`no ${operation} of ${dev} was started`);
  const answer = lateAnswer(context, started);
  const out = { present: context.system.sysfs.isPresent(dev), driver: context.system.sysfs.driverOf(dev) };
  if (answer.blocked === true) return { ret: 0, errno: null, out: { ...out, blocked: true } };
  context.pending.delete(`${operation} ${dev}`);
  return { ...answer, out: { ...out, blocked: false } };
}
