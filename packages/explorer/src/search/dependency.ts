/**
 * Which accesses depend on each other, and which dependent ones may be ready at the same time.
 *
 * Two accesses to one location are dependent when their order can be told by anybody. They may be co-enabled when
 * both could be next in one state: only then is there another execution in which they come the other way round. After
 * an unlock the lock is free, so an unlock and the lock that follows it are dependent and never co-enabled: the race
 * is between the two locks, across the unlock.
 */
import { AccessKind, type AccessList } from '../operation';

const KINDS = 16;
const dependent = new Uint8Array(KINDS * KINDS);
const coEnabled = new Uint8Array(KINDS * KINDS);

function conflict(a: AccessKind, b: AccessKind, together = true): void {
  dependent[a * KINDS + b] = 1;
  dependent[b * KINDS + a] = 1;
  if (!together) return;
  coEnabled[a * KINDS + b] = 1;
  coEnabled[b * KINDS + a] = 1;
}

const { READ, WRITE, INCREMENT, LOCK, UNLOCK, READ_LOCK, READ_UNLOCK, TRY_LOCK } = AccessKind;
const { AWAIT, CONSUME, READ_ONCE } = AccessKind;
conflict(READ, WRITE);
conflict(READ_ONCE, WRITE);
conflict(WRITE, WRITE);
conflict(INCREMENT, READ);
conflict(INCREMENT, READ_ONCE);
conflict(INCREMENT, WRITE);
conflict(LOCK, LOCK);
conflict(LOCK, READ_LOCK);
conflict(LOCK, UNLOCK, false);
conflict(READ_LOCK, UNLOCK, false);
conflict(LOCK, READ_UNLOCK, false);
conflict(TRY_LOCK, LOCK);
conflict(TRY_LOCK, UNLOCK);
conflict(TRY_LOCK, TRY_LOCK);
conflict(TRY_LOCK, READ_LOCK);
conflict(TRY_LOCK, READ_UNLOCK);
conflict(AWAIT, WRITE);
conflict(AWAIT, INCREMENT);
conflict(CONSUME, READ);
conflict(CONSUME, READ_ONCE);
conflict(CONSUME, WRITE);
conflict(CONSUME, INCREMENT);
conflict(CONSUME, AWAIT);
conflict(CONSUME, CONSUME);

/** Whether the order of two accesses to one location matters. */
export function kindsDepend(a: number, b: number): boolean {
  return dependent[a * KINDS + b] === 1;
}

/** Whether two dependent accesses to one location may be next in the same state. */
export function kindsCoEnabled(a: number, b: number): boolean {
  return coEnabled[a * KINDS + b] === 1;
}

/** Whether the kind takes a lock, or may. */
export function takesLock(kind: number): boolean {
  return kind === LOCK || kind === READ_LOCK || kind === TRY_LOCK;
}

/** Whether the kind waits for a condition on what the location holds. */
export function waitsForValue(kind: number): boolean {
  return kind === AWAIT || kind === CONSUME;
}

/** The accesses of one step as (location, kind) pairs in one array that nobody changes. */
export type Accesses = Int32Array;

/** A copy that stays. */
export function snapshotOf(list: AccessList): Accesses {
  const pairs = new Int32Array(list.length * 2);
  for (let index = 0; index < list.length; index++) {
    pairs[index * 2] = list.location(index);
    pairs[index * 2 + 1] = list.kind(index);
  }
  return pairs;
}

/** Whether any access of `a` depends on any of `b`. */
export function stepsDepend(a: Accesses, b: Accesses): boolean {
  for (let i = 0; i < a.length; i += 2) {
    for (let j = 0; j < b.length; j += 2) {
      if (a[i] === b[j] && kindsDepend(a[i + 1] as number, b[j + 1] as number)) return true;
    }
  }
  return false;
}
