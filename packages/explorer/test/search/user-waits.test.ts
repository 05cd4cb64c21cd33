/** Waits that user space ends, and whether anybody of it is left to do so. */
import { expect, it } from 'vitest';
import { Completion, explore, Mutex, type Op, program } from '../../src/index';

/** An unbind that waits, under a mutex, for user space to let go; and a call that wants the mutex. */
function unbindAndCall(isUser: boolean) {
  return program('unbind and call', (world) => {
    const mutex = new Mutex(world, 'mutex');
    const gone = new Completion(world, 'gone');
    return {
      threads: [
        {
          name: 'unbind',
          *body(): Op<void> {
            yield* mutex.lock();
            yield* gone.wait({ endedByUser: true });
            yield* mutex.unlock();
          },
        },
        {
          name: 'call',
          isUser,
          *body(): Op<void> {
            yield* mutex.lock();
            yield* mutex.unlock();
          },
        },
      ],
    };
  });
}

it('somebody of the kernel who wants a lock of one that waits for user space waits for it too', () => {
  const { executions, waits, deadlocks, findings } = explore(unbindAndCall(false));
  expect([executions, waits, deadlocks, findings]).toEqual([2, 2, 0, []]);
});

it('user space that wants that lock ends no wait any more: a deadlock, but not where its call came first', () => {
  const { executions, waits, deadlocks, findings } = explore(unbindAndCall(true));
  expect([executions, waits, deadlocks]).toEqual([2, 1, 1]);
  expect(findings.map(({ kind }) => kind)).toEqual(['deadlock']);
});
