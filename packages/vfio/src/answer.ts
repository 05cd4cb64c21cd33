/** What a user program sees of a call. */
import type { CallResult, Fiber, Oops } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';

/** The call came back. After an error `ret` is -1. */
export interface Returned {
  readonly ret: number;
  readonly errno: Errno | null;
}

/** The call waits; `answerOf(fiber)` says later whether it still does. */
export interface Blocked {
  readonly blocked: true;
  readonly fiber: Fiber;
}

/** The kernel died under the call. */
export interface Died {
  readonly oops: Oops;
  readonly fiber: Fiber;
}

export type Answer = Returned | Blocked | Died;

/** Whether the call has come back. */
export function isReturned(answer: Answer): answer is Returned {
  return 'ret' in answer;
}

function returned(value: unknown): Returned {
  if (isErrno(value)) return { ret: -1, errno: value };
  return { ret: typeof value === 'number' ? value : 0, errno: null };
}

/** What a kernel call answered: a number, an errno, or nothing, which counts as 0. */
export function toAnswer(result: CallResult<unknown>): Answer {
  return result.status === 'returned' ? returned(result.value) : answerOf(result.fiber);
}

/** Where a call stands that has been blocked. */
export function answerOf(fiber: Fiber): Answer {
  if (fiber.oops !== null) return { oops: fiber.oops, fiber };
  return fiber.finished ? returned(fiber.result) : { blocked: true, fiber };
}
