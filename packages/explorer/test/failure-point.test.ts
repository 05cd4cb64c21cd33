/** A failing allocation at every position, and what it leaves behind. */
import { describe, expect, it } from 'vitest';
import {
  AccessKind,
  FailurePoint,
  failureThread,
  KernelObject,
  LeakCheck,
  type Op,
  program,
  World,
} from '../src/index';
import { Execution } from '../src/search/execution';
import { everyOrder, outcomes } from './every-order';

/** A fiber that allocates `count` times and says which of them failed. */
function* allocations(point: FailurePoint, count: number): Op<string> {
  let failed = '';
  for (let index = 0; index < count; index++) if (yield* point.fails()) failed += index;
  return failed;
}

function allocating(counts: readonly number[], times?: number) {
  return program('allocating', (world) => {
    const point = new FailurePoint(world, 'kmalloc');
    const threads = counts.map((count, index) => ({
      name: `t${index}`,
      body: () => allocations(point, count),
    }));
    return { threads: [...threads, failureThread(point, times)] };
  });
}

describe('a failure point', () => {
  it('fails each allocation once, and once none', () => {
    const given = allocating([4]);
    expect(outcomes(given, ({ fibers }) => String(fibers[0]?.result))).toEqual(['', '0', '1', '2', '3']);
  });

  it('fails every set of at most as many as asked for', () => {
    const given = allocating([4], 2);
    const twoOfFour = ['01', '02', '03', '12', '13', '23'];
    const expected = ['', '0', '1', '2', '3', ...twoOfFour].sort();
    expect(outcomes(given, ({ fibers }) => String(fibers[0]?.result))).toEqual(expected);
  });

  it('fails one of either fiber', () => {
    const given = allocating([2, 1]);
    const failed = outcomes(given, ({ fibers }) => `${fibers[0]?.result}|${fibers[1]?.result}`);
    expect(failed).toEqual(['0|', '1|', '|', '|0']);
  });

  it('never fails where nothing arms it, and as often as it was told to at boot', () => {
    const world = new World();
    const point = new FailurePoint(world, 'kmalloc');
    const failed = () => world.call('allocate', () => allocations(point, 3));
    expect(failed()).toEqual({ status: 'returned', value: '' });
    point.set(2);
    expect(failed()).toEqual({ status: 'returned', value: '01' });
    expect(point.armed).toBe(0);
  });

  it('fails two in a row when it was armed twice', () => {
    const world = new World();
    const point = new FailurePoint(world, 'kmalloc');
    const failed = world.call('task', function* task() {
      yield* point.arm();
      yield* point.arm();
      return yield* allocations(point, 3);
    });
    expect(failed).toEqual({ status: 'returned', value: '01' });
  });

  it('is a write for the allocation that fails, and a read for any other', () => {
    const given = allocating([2]);
    const execution = new Execution(given);
    execution.start();
    const kindsOfStep = (fiber: number) => {
      execution.step(fiber);
      const { performed } = execution.fibers[fiber] as (typeof execution.fibers)[number];
      return Array.from({ length: performed.length }, (_, index) => performed.kind(index));
    };
    expect(kindsOfStep(0)).toEqual([AccessKind.READ]);
    expect(kindsOfStep(1)).toEqual([AccessKind.WRITE]);
    expect(kindsOfStep(0)).toEqual([AccessKind.READ, AccessKind.WRITE]);
  });

  it('finds the error path that forgets what it allocated first', () => {
    const given = program('error path', (world) => {
      const point = new FailurePoint(world, 'kmalloc');
      const leaks = new LeakCheck(world);
      function* pair(): Op<0 | 'ENOMEM'> {
        if (yield* point.fails()) return 'ENOMEM';
        const first = new KernelObject(world, 'first');
        if (yield* point.fails()) return 'ENOMEM';
        const second = new KernelObject(world, 'second');
        yield* second.free();
        yield* first.free();
        return 0;
      }
      return {
        threads: [{ name: 'task', body: pair }, failureThread(point)],
        atEnd: () => leaks.check(),
      };
    });
    const found = new Map<string, string[]>();
    everyOrder(given, ({ schedule }) => {
      found.set(
        schedule.join(''),
        given.world.violations.map(({ kind, message }) => `${kind}: ${message}`),
      );
    });
    const leak = ['leak: 1 first left alive: first#task.1 (made in task)'];
    expect(found.get('010')).toEqual(leak);
    expect([...found].filter(([, violations]) => violations.length > 0)).toEqual([['010', leak]]);
    expect(found.size).toBe(5);
  });
});
