/** What a thread of a random program can do with signals, wait queues and failing allocations. */
import type { Op, Step } from '../../../src/index';
import type { Actor, VerbKind } from './verbs';

/** Takes a lock unless it is held already or the wait for it is interrupted, and notes which it was. */
function* lockUnlessInterrupted(
  actor: Actor,
  lock: unknown,
  take: () => Step<0 | 'EINTR'>,
  release: () => Step<void>,
): Op<void> {
  if (actor.holds(lock)) return;
  const error = yield* take();
  actor.note(error);
  if (error === 0) actor.took(lock, release);
}

export const WAITING_VERBS = {
  lockInterruptible: {
    points: 1,
    *act(actor, which) {
      const mutex = actor.mutex(which);
      yield* lockUnlessInterrupted(
        actor,
        mutex,
        () => mutex.lockInterruptible(),
        () => mutex.unlock(),
      );
    },
  },
  lockKillable: {
    points: 1,
    *act(actor, which) {
      const mutex = actor.mutex(which);
      yield* lockUnlessInterrupted(
        actor,
        mutex,
        () => mutex.lockKillable(),
        () => mutex.unlock(),
      );
    },
  },
  downWriteKillable: {
    points: 1,
    *act(actor) {
      const { semaphore } = actor.state;
      yield* lockUnlessInterrupted(
        actor,
        semaphore,
        () => semaphore.downWriteKillable(),
        () => semaphore.upWrite(),
      );
    },
  },
  sendSignal: {
    points: 1,
    *act(actor, which) {
      yield* actor.signal(which).send();
    },
  },
  kill: {
    points: 1,
    *act(actor, which) {
      yield* actor.signal(which).kill();
    },
  },
  clearSignal: {
    points: 1,
    *act(actor, which) {
      yield* actor.signal(which).clear();
    },
  },
  signalPending: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* actor.signal(which).isPending());
    },
  },
  waitForWakeUp: {
    points: 3,
    *act(actor) {
      yield* actor.state.queue.waitUntil(() => positive(actor));
    },
  },
  waitForWakeUpInterruptible: {
    points: 3,
    *act(actor) {
      actor.note(yield* actor.state.queue.waitUntilInterruptible(() => positive(actor)));
    },
  },
  wakeUp: {
    points: 1,
    *act(actor) {
      yield* actor.state.queue.wakeUp();
    },
  },
  allocate: {
    points: 1,
    *act(actor) {
      actor.note(yield* actor.state.failure.fails());
    },
  },
  armFailure: {
    points: 1,
    *act(actor) {
      yield* actor.state.failure.arm();
    },
  },
} satisfies Record<string, VerbKind>;

function* positive(actor: Actor): Op<boolean> {
  return (yield* actor.variable(0).load()) > 0;
}
