/** The user's process: limits, identity, children, waiting. */
import { isReturned } from '@iommu-lab/vfio';
import { type Context, stepAnswer } from '../context';
import type { Handlers } from '../handlers';

export const processHandlers: Handlers<'setrlimit' | 'setresuid' | 'fork' | 'exit' | 'eventfd.wait'> = {
  setrlimit: (context, { cur }) => stepAnswer(context.system.setrlimit(context.task, BigInt(cur))),

  setresuid: (context, { uid }) => stepAnswer(context.system.setresuid(context.task, uid)),

  fork: (context) => {
    const child = context.system.fork(context.task);
    if (typeof child === 'string') return { ret: -1, errno: child };
    context.tasks.push(child);
    return { ret: 0, errno: null };
  },

  exit: (context) => {
    const answer = stepAnswer(context.system.exit(context.task));
    if (context.tasks.length > 1) context.tasks.pop();
    return answer;
  },

  'eventfd.wait': (context, { efd, timeout_ms }) => {
    const descriptor = context.descriptors.get(efd) ?? context.descriptors.get(LATEST_EVENTFD) ?? -1;
    return {
      ret: 0,
      errno: null,
      out: { fired: context.system.waitEvent(context.task, descriptor, timeout_ms) },
    };
  },
};

/** A recording names an eventfd only where it waits for it: the newest is meant. */
const LATEST_EVENTFD = 'eventfd';

/** Descriptors for the data of SET_IRQS: a new eventfd for each name, -1 for none. */
export function eventDescriptors(context: Context, data: readonly (string | null)[]): number[] {
  return data.map((name) => {
    if (name === null) return -1;
    const answer = context.system.eventfd(context.task);
    if (!isReturned(answer)) return -1;
    context.descriptors.set(LATEST_EVENTFD, answer.ret);
    return answer.ret;
  });
}
