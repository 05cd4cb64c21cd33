/** What an administrator does through sysfs. */
import { type Answer, type Blocked, isReturned } from '@iommu-lab/vfio';
import type { StepAnswer } from '../../trace/compare';
import { type Context, stepAnswer } from '../context';
import type { Handlers } from '../handlers';

/** How long the recorder waited for a call that was started aside, in milliseconds of virtual time. */
const PATIENCE_MS = 3000;

export const sysfsHandlers: Handlers<
  | 'sysfs.bind'
  | 'sysfs.unbind'
  | 'sysfs.unbind.done'
  | 'sysfs.remove'
  | 'sysfs.remove.done'
  | 'sysfs.rescan'
  | 'sysfs.config.write'
  | 'sysfs.bar.mmap'
  | 'param.write'
> = {
  'sysfs.bind': (context, { dev, driver }) => {
    const answer = stepAnswer(context.system.sysfs.bind(dev, driver));
    return { ...answer, out: { driver: context.system.sysfs.driverOf(dev) } };
  },

  'sysfs.unbind': (context, { dev, async }) => {
    const answer = context.system.sysfs.unbind(dev);
    return started(context, 'unbind', dev, answer, async === true, {
      driver: context.system.sysfs.driverOf(dev),
    });
  },

  'sysfs.unbind.done': (context, { dev }) => finished(context, 'unbind', dev),

  'sysfs.remove': (context, { dev, async }) => {
    const answer = context.system.sysfs.remove(dev);
    return started(context, 'remove', dev, answer, async === true, {
      present: context.system.sysfs.isPresent(dev),
    });
  },

  'sysfs.remove.done': (context, { dev }) => finished(context, 'remove', dev),

  'sysfs.rescan': (context) => stepAnswer(context.system.sysfs.rescan()),

  'sysfs.config.write': (context, { dev, off, len, value }) =>
    stepAnswer(context.system.sysfs.configWrite(dev, Number(off), len as 1 | 2 | 4, Number(value))),

  'sysfs.bar.mmap': (context, { dev, vaddr, len }) =>
    stepAnswer(context.system.sysfs.mapBar(context.task, dev, BigInt(vaddr), BigInt(len))),

  'param.write': (context, { param, value }) => stepAnswer(context.system.sysfs.writeParameter(param, value)),
};

/** Where a call stands that had to wait, after the recorder's patience. */
function lateAnswer(context: Context, { fiber }: Blocked): Answer {
  if (!fiber.finished) context.system.advanceTime(PATIENCE_MS);
  return context.system.answerOf(fiber);
}

/** A call that may wait: started aside it answers whether it does; otherwise a wait is a hang. */
function started(
  context: Context,
  operation: string,
  dev: string,
  answer: Answer,
  aside: boolean,
  out: Readonly<Record<string, unknown>>,
): StepAnswer {
  if (!aside) return isReturned(answer) ? { ...stepAnswer(answer), out } : stepAnswer(answer);
  context.pending.set(`${operation} ${dev}`, answer);
  return { ret: 0, errno: null, out: { blocked: 'blocked' in answer } };
}

function finished(context: Context, operation: string, dev: string): StepAnswer {
  const started = context.pending.get(`${operation} ${dev}`);
  if (started === undefined) throw new TypeError(`no ${operation} of ${dev} was started`);
  const answer = 'blocked' in started ? lateAnswer(context, started) : started;
  const out = { present: context.system.sysfs.isPresent(dev), driver: context.system.sysfs.driverOf(dev) };
  if ('blocked' in answer) return { ret: 0, errno: null, out: { ...out, blocked: true } };
  context.pending.delete(`${operation} ${dev}`);
  return { ...stepAnswer(answer), out: { ...out, blocked: false } };
}
