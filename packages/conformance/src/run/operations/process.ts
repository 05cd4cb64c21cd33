/** The user's process: limits, identity, children, waiting. */
import { syscalls } from '@iommu-lab/vfio';
import { LATEST_EVENTFD } from '../context';
import type { CaseHandlers, Handlers } from '../handlers';

export const processHandlers: Handlers<'setrlimit' | 'setresuid' | 'exit'> = {
  setrlimit: (context, { cur }) => context.answerOf(syscalls.sysSetMemlock(context.task, BigInt(cur))),

  setresuid: (context, { uid }) => context.answerOf(syscalls.sysSetUid(context.task, uid)),

  *exit(context) {
    const answer = yield* context.answerOf(syscalls.sysExit(context.task));
    if (context.tasks.length > 1) context.tasks.pop();
    return answer;
  },
};

export const familyHandlers: CaseHandlers<'fork' | 'eventfd.wait'> = {
  fork: (context) => {
    const child = context.system.fork(context.task);
    if (typeof child === 'string') return { ret: -1, errno: child };
    context.tasks.push(child);
    return { ret: 0, errno: null };
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
