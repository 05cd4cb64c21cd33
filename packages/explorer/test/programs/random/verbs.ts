/** What a thread of a random program can do, and how many scheduling points it takes at most. */
import type { Cell, Mutex, Op, Signal, Step } from '../../../src/index';
import { type SharedState, Thing } from './shared-state';
import { WAITING_VERBS } from './waiting-verbs';

/** One thread while it runs: what it saw, and what it must release before it ends. */
export class Actor {
  readonly seen: unknown[] = [];
  /** Grows with what was read, and is what is written: a value tells where it came from. */
  sum = 0;
  readonly #held: { readonly lock: unknown; readonly release: () => Step<void> }[] = [];

  constructor(
    readonly state: SharedState,
    readonly number: number,
  ) {}

  variable(which: number): Cell<number> {
    return pick(this.state.x, which);
  }

  mutex(which: number): Mutex {
    return pick(this.state.mutexes, which);
  }

  signal(which: number): Signal {
    return pick(this.state.signals, which);
  }

  note(value: unknown): void {
    this.seen.push(value);
    if (typeof value === 'number') this.sum += value;
  }

  /** A value to write. */
  get fresh(): number {
    return this.sum + this.number + 1;
  }

  holds(lock: unknown): boolean {
    return this.#held.some((one) => one.lock === lock);
  }

  took(lock: unknown, release: () => Step<void>): void {
    this.#held.push({ lock, release });
  }

  /** Releases the lock that it took last, if it holds one. @returns false when it holds none */
  *release(): Op<boolean> {
    const last = this.#held.pop();
    if (last === undefined) return false;
    yield* last.release();
    return true;
  }
}

/** `which` is 0 or 1: which of two similar things it is done to. */
export interface VerbKind {
  readonly points: number;
  readonly act: (actor: Actor, which: number) => Op<void>;
}

function pick<T>(pair: readonly T[], which: number): T {
  return pair[which] as T;
}

function* lockMutex(actor: Actor, which: number): Op<void> {
  const mutex = pick(actor.state.mutexes, which);
  if (actor.holds(mutex)) return;
  yield* mutex.lock();
  actor.took(mutex, () => mutex.unlock());
}

function* dropReference(actor: Actor): Op<void> {
  const { thing } = actor.state;
  const last = yield* thing.references.put();
  actor.note(last);
  if (last) yield* thing.free();
}

export const VERBS = {
  load: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.x, which).load());
    },
  },
  store: {
    points: 1,
    *act(actor, which) {
      yield* pick(actor.state.x, which).store(actor.fresh);
    },
  },
  branch: {
    points: 2,
    *act(actor, which) {
      const value = yield* pick(actor.state.x, which).load();
      if (value % 2 === 1) yield* pick(actor.state.x, 1 - which).store(actor.fresh);
    },
  },
  lock: { points: 1, act: lockMutex },
  unlock: {
    points: 0,
    *act(actor) {
      yield* actor.release();
    },
  },
  trylock: {
    points: 1,
    *act(actor, which) {
      const mutex = pick(actor.state.mutexes, which);
      if (actor.holds(mutex)) return;
      const taken = yield* mutex.trylock();
      actor.note(taken);
      if (taken) actor.took(mutex, () => mutex.unlock());
    },
  },
  downRead: {
    points: 1,
    *act(actor) {
      const { semaphore } = actor.state;
      if (actor.holds(semaphore)) return;
      yield* semaphore.downRead();
      actor.took(semaphore, () => semaphore.upRead());
    },
  },
  downWrite: {
    points: 1,
    *act(actor) {
      const { semaphore } = actor.state;
      if (actor.holds(semaphore)) return;
      yield* semaphore.downWrite();
      actor.took(semaphore, () => semaphore.upWrite());
    },
  },
  awaitPositive: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.x, which).waitUntil((value) => value > 0));
    },
  },
  awaitZeroOrLarge: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.x, which).waitUntil((value) => value === 0 || value > 2));
    },
  },
  get: {
    points: 1,
    *act(actor) {
      yield* actor.state.thing.references.get();
    },
  },
  tryGet: {
    points: 1,
    *act(actor) {
      actor.note(yield* actor.state.thing.references.getUnlessZero());
    },
  },
  put: { points: 2, act: dropReference },
  countReferences: {
    points: 1,
    *act(actor) {
      actor.note(yield* actor.state.thing.references.read());
    },
  },
  useThing: {
    points: 1,
    *act(actor) {
      actor.note(yield* actor.state.thing.value.load());
    },
  },
  changeThing: {
    points: 1,
    *act(actor) {
      yield* actor.state.thing.value.store(actor.fresh);
    },
  },
  freeThing: {
    points: 1,
    *act(actor) {
      yield* actor.state.thing.free();
    },
  },
  publish: {
    points: 1,
    *act(actor) {
      const made = new Thing(actor.state.published.owner.world, 1);
      yield* actor.state.published.store(made);
    },
  },
  usePublished: {
    points: 2,
    *act(actor) {
      const found = yield* actor.state.published.load();
      actor.note(found?.label);
      if (found !== null) actor.note(yield* found.value.load());
    },
  },
  retire: {
    points: 3,
    *act(actor) {
      const found = yield* actor.state.published.load();
      actor.note(found?.label);
      if (found === null) return;
      yield* actor.state.published.store(null);
      yield* found.free();
    },
  },
  loadGuarded: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.guarded, which).load());
    },
  },
  storeGuarded: {
    points: 1,
    *act(actor, which) {
      yield* pick(actor.state.guarded, which).store(actor.fresh);
    },
  },
  changeGuardedOfThing: {
    points: 2,
    *act(actor) {
      actor.note(yield* actor.state.guardedOfThing.load());
      yield* actor.state.guardedOfThing.store(actor.fresh);
    },
  },
  /** Reads and writes what the lock guards, in one step with the lock: no point of its own. */
  lockedSection: {
    points: 2,
    *act(actor, which) {
      const holder = actor.holds(pick(actor.state.mutexes, 0));
      if (!holder) yield* lockMutex(actor, 0);
      actor.note(yield* pick(actor.state.guarded, 0).load());
      yield* (which === 0 ? pick(actor.state.guarded, 0) : actor.state.guardedOfThing).store(actor.fresh);
      if (!holder) yield* actor.release();
    },
  },
  loadRacy: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.guarded, which).loadRacy());
    },
  },
  /** Counts on the way, in the step of the load. */
  loadAndCount: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.x, which).load());
      const { counter } = actor.state;
      const before = counter.readInStep();
      actor.note(before);
      counter.writeInStep(before + actor.number + 1);
    },
  },
  /** What it does on the way depends on what it finds there. */
  loadAndMaybeCount: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.x, which).load());
      const { counter } = actor.state;
      if (counter.readInStep() % 2 === 0) counter.writeInStep(actor.fresh);
      else actor.note(actor.state.thing.value.readInStep());
    },
  },
  /** Looks at the counter on the way, in the step of the store. */
  storeAndLook: {
    points: 1,
    *act(actor, which) {
      yield* pick(actor.state.x, which).store(actor.fresh);
      actor.note(actor.state.counter.readInStep());
    },
  },
  changeOfThingInStep: {
    points: 1,
    *act(actor, which) {
      yield* pick(actor.state.x, which).store(actor.fresh);
      actor.state.thing.value.writeInStep(actor.fresh);
    },
  },
  log: {
    points: 1,
    *act(actor, which) {
      actor.note(yield* pick(actor.state.x, which).load());
      actor.state.log.append(actor.sum);
    },
  },
  /** With the lock held it goes one of two ways, as the step with the lock finds. */
  lockedBranch: {
    points: 2,
    *act(actor, which) {
      const holder = actor.holds(pick(actor.state.mutexes, 0));
      if (!holder) yield* lockMutex(actor, 0);
      const value = yield* pick(actor.state.guarded, 0).load();
      actor.note(value);
      const next = value % 2 === which ? pick(actor.state.guarded, 0) : actor.state.guardedOfThing;
      yield* next.store(actor.fresh);
      if (!holder) yield* actor.release();
    },
  },
  complete: {
    points: 1,
    *act(actor, which) {
      yield* which === 0 ? actor.state.done.complete() : actor.state.done.completeAll();
    },
  },
  waitForCompletion: {
    points: 1,
    *act(actor) {
      yield* actor.state.done.wait();
    },
  },
  ...WAITING_VERBS,
} satisfies Record<string, VerbKind>;

export type Verb = keyof typeof VERBS;
