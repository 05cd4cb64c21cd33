/** Shrinking: the same violation, nothing added, the same answer every time. */
import { describe, expect, it } from 'vitest';
import { Execution, explore, type Finding, shrink } from '../../src/index';
import { replayOn } from '../../src/search/replay';
import { violationKey } from '../../src/violation';
import { philosophers } from '../programs/philosophers';
import { registry } from '../programs/registry';
import { FORMS, thread } from '../programs/thread';

const broken = FORMS.filter(({ id }) => ['bus-unload', 'device', 'device-mutex'].includes(id));
const PROGRAMS = [
  ['a registry', () => registry('nothing')],
  ['philosophers', () => philosophers(3)],
  ...broken.map((form) => [form.id, () => thread(form)] as const),
] as const;

/** What a random walk with a seed finds: long schedules with many preemptions. */
function found(build: (typeof PROGRAMS)[number][1], seed: number): readonly Finding[] {
  const { findings } = explore(build(), { engine: 'random', seed, maxExecutions: 200 });
  return findings.filter(({ kind }) => kind !== 'lock-inversion');
}

describe.each(PROGRAMS)('%s', (_, build) => {
  it('shows the same violation, with no more preemptions and no more steps', () => {
    let shrunkSome = 0;
    for (const seed of [1, 2, 3]) {
      for (const finding of found(build, seed)) {
        const execution = new Execution(build());
        const shrunk = shrink(execution, finding.schedule, finding, 300);
        const { violations } = replayOn(execution, shrunk?.deviations ?? []);
        expect(violations.map(violationKey)).toContain(violationKey(finding));
        expect(shrunk?.schedule.length).toBeLessThanOrEqual(finding.schedule.length);
        expect(shrunk?.preemptions).toBeLessThanOrEqual(preemptionsIn(build, finding.schedule));
        shrunkSome++;
      }
    }
    expect(shrunkSome).toBeGreaterThan(0);
  });

  it('gives the same answer again', () => {
    const [finding] = found(build, 1);
    const again = () =>
      shrink(new Execution(build()), (finding as Finding).schedule, finding as Finding, 300);
    expect(again()).toEqual(again());
  });
});

it('what nobody can shorten stays: one deviation in the registry', () => {
  const [finding] = found(() => registry('nothing'), 1);
  const shrunk = shrink(
    new Execution(registry('nothing')),
    (finding as Finding).schedule,
    finding as Finding,
  );
  // reader: lock, unlock; remover: lock, unlock, put, free; reader: load.
  expect(shrunk).toMatchObject({
    deviations: [{ step: 2, fiber: 1 }],
    schedule: [0, 0, 1, 1, 1, 1, 0],
    preemptions: 1,
  });
});

it('is null when a replay does not show the violation', () => {
  const sought = { kind: 'oops', message: 'nothing', object: null, at: 'nowhere' } as const;
  expect(shrink(new Execution(registry('nothing')), [0, 1], sought)).toBeNull();
});

it('keeps to its budget', () => {
  const [finding] = found(() => philosophers(3), 2);
  const shrunk = shrink(new Execution(philosophers(3)), (finding as Finding).schedule, finding as Finding, 5);
  expect(shrunk?.replays).toBeLessThanOrEqual(5);
});

/** Switches away from a fiber that could have gone on, counted apart from the code under test. */
function preemptionsIn(build: (typeof PROGRAMS)[number][1], schedule: readonly number[]): number {
  const execution = new Execution(build());
  execution.start();
  let preemptions = 0;
  for (const [step, fiber] of schedule.entries()) {
    const before = schedule[step - 1] ?? fiber;
    if (before !== fiber && (execution.enabled() >> before) & 1) preemptions++;
    execution.step(fiber);
  }
  execution.finish();
  return preemptions;
}
