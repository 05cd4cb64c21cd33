/** Going back takes back every change of every primitive exactly, after any number of steps of any schedule. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AtomicInteger,
  Cell,
  Completion,
  FailurePoint,
  KernelObject,
  Mutex,
  type Op,
  PlainCell,
  program,
  Refcount,
  RwSemaphore,
  Signal,
  Spinlock,
  WaitQueue,
  World,
} from '../src/index';
import { Execution } from '../src/search/execution';
import { everyOrder } from './every-order';

function primitives(world: World) {
  return {
    mutex: new Mutex(world, 'mutex'),
    spin: new Spinlock(world, 'spin'),
    rwsem: new RwSemaphore(world, 'rwsem'),
    signal: new Signal(world, 'signal', null),
    queue: new WaitQueue(world, 'queue'),
    atomic: new AtomicInteger(world, 'atomic', 5),
    plain: new PlainCell(world, 'plain', 'initial'),
    cell: new Cell(world, 'cell', 0),
    point: new FailurePoint(world, 'kmalloc'),
    refs: new Refcount(world, 'refs', 3),
    done: new Completion(world, 'done'),
    object: new KernelObject(world, 'thing', 'x'),
  };
}
type Primitives = ReturnType<typeof primitives>;

/** All state that a step can change, as text. */
function snapshot(world: World, p: Primitives): string {
  return JSON.stringify({
    mutex: p.mutex.holder?.name,
    spin: p.spin.holder?.name,
    writer: p.rwsem.writer?.name,
    readers: p.rwsem.readers.map((reader) => reader.name).sort(),
    signal: [p.signal.interrupts(1), p.signal.interrupts(2)],
    queue: p.queue.wakeUps,
    atomic: p.atomic.value,
    plain: p.plain.value,
    cell: p.cell.value,
    armed: p.point.armed,
    refs: p.refs.value,
    done: p.done.available,
    freed: p.object.freed,
    born: world.births.length,
    live: [...world.liveObjects()].filter(([, count]) => count > 0),
    violations: world.violations.length,
  });
}

type Act = (p: Primitives, world: World) => Op<void>;

/** One use of each primitive that changes something; misuse included, since that changes state too. */
const ACTS: readonly Act[] = [
  function* usesMutex({ mutex }) {
    yield* mutex.lock();
    yield* mutex.unlock();
  },
  function* interruptible({ mutex }) {
    if ((yield* mutex.lockInterruptible()) === 0) yield* mutex.unlock();
  },
  function* strangerUnlocks({ mutex, spin }) {
    yield* mutex.unlock();
    yield* spin.unlock();
  },
  function* usesSpin({ spin }) {
    yield* spin.lock();
    yield* spin.unlock();
  },
  function* readTwice({ rwsem }) {
    yield* rwsem.downRead();
    if (yield* rwsem.tryDownRead()) yield* rwsem.upRead();
    yield* rwsem.upRead();
  },
  function* write({ rwsem }) {
    if (yield* rwsem.tryDownWrite()) yield* rwsem.upWrite();
  },
  function* strangerUps({ rwsem }) {
    yield* rwsem.upRead();
    yield* rwsem.upWrite();
  },
  function* usesSignal({ signal }) {
    yield* signal.send();
    yield* signal.kill();
  },
  function* clear({ signal }) {
    yield* signal.clear();
  },
  function* wakes({ queue }) {
    yield* queue.wakeUp();
  },
  function* atomics({ atomic }) {
    yield* atomic.add(2);
    yield* atomic.fetchAdd(-7);
    yield* atomic.compareExchange(5, 9);
    yield* atomic.update((value) => value * 3);
    yield* atomic.store(1);
  },
  function* cells({ plain, cell }) {
    yield* plain.store('changed');
    yield* cell.store((yield* cell.load()) + 1);
  },
  function* failure({ point }) {
    yield* point.arm();
    yield* point.arm();
    yield* point.fails();
  },
  function* references({ refs }) {
    yield* refs.put();
    yield* refs.put();
    yield* refs.getUnlessZero();
  },
  function* completes({ done }) {
    yield* done.complete();
  },
  function* frees({ object, refs }, world) {
    yield* refs.get();
    new KernelObject(world, 'made');
    yield* object.free();
  },
];

function acting(fibers: readonly (readonly number[])[]) {
  let parts: Primitives | null = null;
  const given = program('acting', (world) => {
    const made = primitives(world);
    parts = made;
    const threads = fibers.map((acts, index) => ({
      name: `t${index}`,
      task: { signal: made.signal },
      *body(): Op<void> {
        for (const act of acts) yield* (ACTS[act % ACTS.length] as Act)(made, world);
      },
    }));
    return { threads };
  });
  return { given, parts: parts as unknown as Primitives };
}

const acts = fc.array(fc.nat(ACTS.length - 1), { minLength: 1, maxLength: 5 });

describe('going back', () => {
  it('leaves a reader alone that was there before', () => {
    const world = new World();
    const rwsem = new RwSemaphore(world, 'rwsem');
    world.call('early', function* early() {
      yield* rwsem.downRead();
    });
    const mark = world.checkpoint();
    world.call('late', function* late() {
      yield* rwsem.downRead();
      yield* rwsem.upRead();
    });
    world.restore(mark);
    expect(rwsem.readers.map((reader) => reader.name)).toEqual(['early']);
  });

  it('restores the initial state from anywhere in a random schedule of random acts', () => {
    let changed = 0;
    fc.assert(
      fc.property(fc.array(acts, { minLength: 1, maxLength: 3 }), fc.array(fc.nat()), (fibers, choices) => {
        const { given, parts } = acting(fibers);
        const before = snapshot(given.world, parts);
        const execution = new Execution(given);
        execution.start();
        expect(snapshot(given.world, parts)).toBe(before);
        for (const choice of choices) {
          const enabled = execution.fibers.filter((fiber) => (execution.enabled() >> fiber.id) & 1);
          if (enabled.length === 0) break;
          execution.step((enabled[choice % enabled.length] as (typeof enabled)[number]).id);
        }
        if (snapshot(given.world, parts) !== before) changed++;
        execution.start();
        expect(snapshot(given.world, parts)).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(changed).toBeGreaterThan(200);
  });

  it('restores it after every order of two fibers, for every pair of acts', () => {
    for (let first = 0; first < ACTS.length; first++) {
      for (let second = first; second < ACTS.length; second++) {
        const { given, parts } = acting([[first], [second]]);
        const before = snapshot(given.world, parts);
        const again = new Map<string, string>();
        const collect = (into: Map<string, string>) => (ending: { readonly schedule: readonly number[] }) =>
          into.set(ending.schedule.join(''), snapshot(given.world, parts));
        const once = new Map<string, string>();
        everyOrder(given, collect(once));
        expect(snapshot(given.world, parts)).toBe(before);
        // The same schedules lead to the same states when they are run once more.
        everyOrder(given, collect(again));
        expect(again).toEqual(once);
      }
    }
  });
});
