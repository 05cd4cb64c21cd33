/** Attach, open, close and unplug against each other under random schedules: no violation, no leak, no deadlock. */
import { randomScheduler, runSchedule } from '@iommu-lab/explorer';
import { type EraId, referenceVariant } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls, sysfs, syscalls, type UserCall } from '../src/index';
import { MEMORY, Program } from './program';
import { GROUP } from './recorded-profile';

const SEEDS = 25;
const MAP = { iova: 0x100000n, vaddr: MEMORY, size: 0x3000n, flags: 3 };

describe.each<EraId>(['6.1', '6.12'])('on %s', (era) => {
  test.each(['nothing', 'the container', 'the IOMMU'])('with %s set before', (before) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const p = new Program(era, referenceVariant);
      const { task, system } = p;
      const shell = system.newTask();
      const c = p.ret(calls.openContainer());
      const g = p.ret(calls.openGroup(GROUP.solo2));
      p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
      if (before !== 'nothing') p.ret(calls.setContainer(g, c));
      if (before === 'the IOMMU') p.ret(calls.setIommu(c, 3));
      const each = (...list: UserCall[]) =>
        function* run() {
          for (const call of list) yield* call.run(task);
        };
      const threads = [
        { name: 'attach', body: each(calls.setContainer(g, c), calls.setIommu(c, 3), calls.mapDma(c, MAP)), task },
        { name: 'unplug', body: () => sysfs.sysfsUnbind(system.vfio, 'solo2'), task: shell },
        {
          name: 'open and close',
          *body() {
            const d = yield* calls.getDeviceFd(g, '0000:02:00.0').run(task);
            if (typeof d === 'number') yield* syscalls.sysClose(task, d);
            yield* syscalls.sysClose(task, g);
          },
          task,
        },
      ];
      const { stuck } = runSchedule(system.kernel.world, threads, randomScheduler(seed));
      expect(stuck).toEqual([]);
      for (const one of [task, shell]) system.exit(one);
      expect(system.restoreBoot()).toEqual([]);
      expect(system.audit()).toEqual([]);
      expect(system.kernel.world.violations).toEqual([]);
    }
  });
});
