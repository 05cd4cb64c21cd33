/** What the threads of a random program work on: little of each kind, so that they meet. */
import {
  AppendOnlyLog,
  Cell,
  Completion,
  FailurePoint,
  type Fiber,
  KernelObject,
  Mutex,
  Refcount,
  RwSemaphore,
  Signal,
  WaitQueue,
  type World,
} from '../../../src/index';

/** An object that is freed when its last reference is dropped, or too early. */
export class Thing extends KernelObject {
  readonly references: Refcount;
  readonly value: Cell<number>;

  /** @param references how many references there are at first */
  constructor(world: World, references: number, name?: string) {
    super(world, 'thing', name);
    this.references = new Refcount(this, 'references', references);
    this.value = new Cell(this, 'value', 0);
  }
}

export class SharedState {
  readonly x: readonly Cell<number>[];
  readonly mutexes: readonly Mutex[];
  readonly semaphore: RwSemaphore;
  /** Guarded by the first mutex and by the semaphore. */
  readonly guarded: readonly Cell<number>[];
  readonly thing: Thing;
  /** Guarded by the first mutex. */
  readonly guardedOfThing: Cell<number>;
  /** Where a thing is found that some thread made, or null. */
  readonly published: Cell<Thing | null>;
  readonly done: Completion;
  /** Those of the threads' tasks: of the first and third, and of the second. */
  readonly signals: readonly Signal[];
  readonly queue: WaitQueue;
  readonly failure: FailurePoint;
  /** Read and written only as part of steps that do something else. */
  readonly counter: Cell<number>;
  readonly log: AppendOnlyLog<number>;

  constructor(world: World, threads: number) {
    this.x = [0, 1].map((index) => new Cell(world, `x${index}`, 0));
    const first = new Mutex(world, 'm0');
    this.mutexes = [first, new Mutex(world, 'm1')];
    this.semaphore = new RwSemaphore(world, 'semaphore');
    this.guarded = [first, this.semaphore].map(
      (lock, index) => new Cell<number>(world, `guarded${index}`, 0, lock),
    );
    this.thing = new Thing(world, threads, 'shared');
    this.guardedOfThing = new Cell<number>(this.thing, 'guarded', 0, first);
    this.published = new Cell<Thing | null>(world, 'published', null);
    this.done = new Completion(world, 'done');
    this.signals = [0, 1].map((index) => new Signal(world, `signal${index}`));
    this.queue = new WaitQueue(world, 'queue');
    this.failure = new FailurePoint(world, 'failure');
    this.counter = new Cell(world, 'counter', 0);
    this.log = new AppendOnlyLog<number>(world, 'log');
  }

  /** All of it, in words that two executions share exactly when their final states are the same. */
  digest(): string {
    const name = (fiber: Fiber | null) => fiber?.name ?? '-';
    const thing = (one: Thing | null) =>
      one === null ? '-' : `${one.label} ${one.freed} ${one.references.value} ${one.value.value}`;
    return [
      ...[...this.x, ...this.guarded, this.guardedOfThing].map((cell) => cell.value),
      ...this.mutexes.map((mutex) => name(mutex.holder)),
      name(this.semaphore.writer),
      this.semaphore.readers.map(name).sort().join('+'),
      thing(this.thing),
      thing(this.published.value),
      this.done.available,
      ...this.signals.map((signal) => signal.snapshot()),
      this.failure.armed,
      this.counter.value,
      // In which order it was written nobody can see.
      [...this.log.value].sort().join('+'),
    ].join(',');
  }
}
