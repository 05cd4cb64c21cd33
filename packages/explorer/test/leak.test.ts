/** What an execution leaves alive, and references that do not come back. */
import { describe, expect, it } from 'vitest';
import { KernelObject, kernelFunction, LeakCheck, type Op, program, Refcount, World } from '../src/index';
import { everyOrder } from './every-order';

describe('a leak check', () => {
  it('tells what an execution made and did not free, by kind, who made it and where', () => {
    const given = program('leaky', (world) => {
      const old = new KernelObject(world, 'domain', 'old');
      const leaks = new LeakCheck(world);
      const alloc = kernelFunction('domain_alloc', function* alloc(_: World): Op<KernelObject> {
        return new KernelObject(world, 'domain');
      });
      function* task(): Op<void> {
        // One is freed that was there before: that does not make up for one that is left.
        yield* old.free();
        const kept = yield* alloc(world);
        const freed = yield* alloc(world);
        yield* freed.free();
        new KernelObject(world, 'group');
        void kept;
      }
      return { threads: [{ name: 'task', body: task }], atEnd: () => leaks.check() };
    });
    everyOrder(given, () => {
      expect(given.world.violations.map(({ kind, message, object }) => [kind, message, object])).toEqual([
        ['leak', '1 domain left alive: domain#task.1 (made in domain_alloc)', 'domain'],
        ['leak', '1 group left alive: group#task.3 (made in task)', 'group'],
      ]);
    });
  });

  it('is content with what was there before, what was freed, and what may stay', () => {
    const given = program('kept', (world) => {
      new KernelObject(world, 'domain', 'old');
      const leaks = new LeakCheck(world, { kept: { mapping: 1 } });
      function* task(): Op<void> {
        new KernelObject(world, 'mapping');
        const domain = new KernelObject(world, 'domain');
        yield* domain.free();
      }
      return { threads: [{ name: 'task', body: task }], atEnd: () => leaks.check() };
    });
    everyOrder(given, () => expect(given.world.violations).toEqual([]));
  });

  it('counts those that may stay over all fibers, and begins anew with every execution', () => {
    const given = program('two', (world) => {
      const leaks = new LeakCheck(world, { kept: { mapping: 1 } });
      const pause = new Refcount(world, 'pause', 1);
      function* task(): Op<void> {
        yield* pause.get();
        new KernelObject(world, 'mapping');
      }
      const threads = ['a', 'b'].map((name) => ({ name, body: task }));
      return { threads, atEnd: () => leaks.check() };
    });
    const messages: string[] = [];
    const endings = everyOrder(given, () => {
      messages.push(...given.world.violations.map(({ message }) => message));
    });
    expect(endings).toBe(2);
    const both = ['mapping#a.1 (made in a)', 'mapping#b.1 (made in b)'];
    expect(messages).toEqual([
      `2 mapping left alive, 1 of which may stay: ${both.join(', ')}`,
      `2 mapping left alive, 1 of which may stay: ${[...both].reverse().join(', ')}`,
    ]);
  });

  it('tells references that did not come back, and those that came back too often', () => {
    const world = new World();
    const device = new KernelObject(world, 'device', 'mf0');
    const [leaked, lost, even] = ['leaked', 'lost', 'even'].map((name) => new Refcount(device, name, 2)) as [
      Refcount,
      Refcount,
      Refcount,
    ];
    const leaks = new LeakCheck(world, { refcounts: [leaked, lost, even] });
    world.call('task', function* task() {
      yield* leaked.get();
      yield* even.get();
      yield* even.put();
      yield* lost.put();
    });
    leaks.check();
    expect(world.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['leak', 'device:mf0.leaked: 3 references at the end, 2 at the start'],
      ['refcount', 'device:mf0.lost: 1 references at the end, 2 at the start'],
    ]);
  });
});

describe('a reference count', () => {
  it('that was resurrected does not free the object a second time', () => {
    const world = new World();
    const object = new KernelObject(world, 'thing', 'x');
    const refs = new Refcount(object, 'refs', 1);
    const release = kernelFunction('release', function* release(_: World): Op<void> {
      if (yield* refs.put()) yield* object.free();
    });
    world.call('owner', () => release(world));
    world.violations.length = 0;
    world.call('late', function* late() {
      yield* refs.get();
      yield* release(world);
    });
    const found = world.violations.filter(({ kind }) => kind !== 'use-after-free');
    expect(found.map(({ kind, message, at }) => [kind, message, at])).toEqual([
      ['refcount', 'thing:x.refs: reference taken from zero by late in late', 'late'],
      ['refcount', 'thing:x.refs: reference dropped below zero by late in release', 'release'],
    ]);
  });
});
