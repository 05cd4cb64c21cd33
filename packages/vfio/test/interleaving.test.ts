/** Attach, open, close and unplug against each other under random schedules: no violation, no leak, no deadlock. */
import { randomScheduler, runSchedule, type Thread } from '@iommu-lab/explorer';
import type { EraId } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls, syscalls, sysfs, type Task, type UserCall } from '../src/index';
import { MEMORY, Program } from './program';
import { GROUP } from './recorded-profile';

const SEEDS = 40;
const MAP = { iova: 0x100000n, vaddr: MEMORY, size: 0x3000n, flags: 3 };

/** A program that chooses the IOMMU and maps, one that opens and closes, and a shell that unbinds the device. */
function threads(p: Program, c: number, g: number, shell: Task): Thread[] {
  const { task, system } = p;
  const attach: UserCall[] = [calls.setContainer(g, c), calls.setIommu(c, 3), calls.mapDma(c, MAP)];
  return [
    {
      name: 'attach',
      *body() {
        for (const call of attach) yield* call.run(task);
      },
      task,
    },
    {
      name: 'open and close',
      *body() {
        const d = yield* calls.getDeviceFd(g, '0000:02:00.0').run(task);
        if (typeof d === 'number') yield* syscalls.sysClose(task, d);
        yield* syscalls.sysClose(task, g);
      },
      task,
    },
    { name: 'unbind', body: () => sysfs.sysfsUnbind(system.vfio, 'solo2'), task: shell },
  ];
}

describe.each<EraId>(['6.1', '6.12', '7.2'])('on %s', (era) => {
  test.each(['nothing', 'the container', 'the IOMMU'])('with %s set before', (before) => {
    const p = new Program(era);
    const { system } = p;
    const shell = system.newTask();
    const c = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.solo2));
    p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
    if (before !== 'nothing') p.ret(calls.setContainer(g, c));
    if (before === 'the IOMMU') p.ret(calls.setIommu(c, 3));
    const checkpoint = system.checkpoint();
    for (let seed = 0; seed < SEEDS; seed++) {
      const scheduler = randomScheduler(seed);
      expect(runSchedule(system.kernel.world, threads(p, c, g, shell), scheduler).stuck).toEqual([]);
      for (const task of [p.task, shell]) system.exit(task);
      expect(system.restoreBoot()).toEqual([]);
      expect(system.audit()).toEqual([]);
      expect(system.kernel.world.violations).toEqual([]);
      system.restore(checkpoint);
    }
  });
});
