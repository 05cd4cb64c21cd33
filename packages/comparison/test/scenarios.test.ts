/** Every scenario over every variant under random schedules: the threads end, and who is safe stays safe. */
import {
  eraOfScenario,
  type Scenario,
  scenarioProgram,
  scenarios,
  type ThreadAnswers,
} from '@iommu-lab/conformance';
import { Execution, randomScheduler, type Violation } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import { describe, expect, it, vi } from 'vitest';
import { findVariant, HAZARD_RESULTS, VARIANTS } from '../src/index';

vi.setConfig({ testTimeout: 120_000 });

const SEEDS = 20;

interface Runs {
  readonly violations: readonly Violation[];
  /** What the threads answered, once each. */
  readonly answers: ReadonlySet<string>;
  readonly stuck: number;
}

function runRandomly(scenario: Scenario, variant: Variant, seeds = SEEDS): Runs {
  const program = scenarioProgram(scenario, variant);
  const execution = new Execution(program);
  const violations: Violation[] = [];
  const answers = new Set<string>();
  let stuck = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const scheduler = randomScheduler(seed);
    execution.start();
    for (let enabled = execution.enabled(); enabled !== 0; enabled = execution.enabled()) {
      execution.step(scheduler(execution.fibers.filter(({ id }) => (enabled >> id) & 1)).id);
    }
    const ended = execution.unfinished() === 0;
    if (ended) program.atEnd?.();
    violations.push(...program.world.violations);
    if (!ended) {
      stuck++;
      continue;
    }
    answers.add(
      execution.fibers
        .map(
          ({ name, result }) =>
            `${name} ${(result as ThreadAnswers).map((one) => one.errno ?? one.ret).join()}`,
        )
        .join(' '),
    );
  }
  execution.finish();
  return { violations, answers, stuck };
}

const named = (id: string): Scenario => {
  const found = scenarios().find((one) => one.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
};

/** What the threads of a scenario can answer, whatever the variant; a set of one says that order does not show. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'close-vs-remove': ['T1 0 T2 0'],
  'map-vs-dma': ['T1 0 T2 0'],
  'unmap-vs-dma': ['T1 0,0 T2 0'],
  'rescan-vs-attach': ['T1 0 T2 0'],
  'two-containers-claim': ['T1 0 T2 EINVAL', 'T1 EINVAL T2 0'],
  'bind-sibling-vs-attach': ['T1 0,0 T2 EBUSY', 'T1 EPERM,EINVAL T2 0'],
};

/** Which of the places of an invariant's violation a run notices is chance. */
function placeOf(kind: string, object: string | null, at: string): string {
  return kind === 'invariant' ? kind : `${kind} ${object ?? ''} ${at}`;
}

/** What the committed results say of a scenario. */
function foundBySearch(scenario: string, variant: string, era: string): Set<string> {
  const results = HAZARD_RESULTS.filter(
    (one) => one.scenario === scenario && one.era === era && (one.variant ?? variant) === variant,
  );
  const all = results.flatMap(({ violations, others }) => [...violations, ...others]);
  return new Set(all.map(({ kind, object, at }) => placeOf(kind, object, at)));
}

describe.each(scenarios().map((one) => [one.id, one] as const))('%s', (id, scenario) => {
  it.each(VARIANTS.map((variant) => [variant.id, variant] as const))('ends on %s', (variantId, variant) => {
    const { violations, answers, stuck } = runRandomly(scenario, variant);
    const known = foundBySearch(id, variantId, eraOfScenario(scenario));
    // Where a search has found a deadlock a run may end in it; nowhere else may one be stuck.
    if (![...known].some((one) => one.startsWith('deadlock '))) expect(stuck).toBe(0);
    const expected = ANSWERS[id];
    if (expected !== undefined) expect([...answers].sort()).toEqual(expected);
    // What a search of all orders has found, and nothing else.
    const found = violations.map(({ kind, object, at }) => placeOf(kind, object, at));
    expect([...new Set(found)].filter((one) => !known.has(one))).toEqual([]);
  });
});

describe('the hazard of the thread', () => {
  const scenario = named('set-iommu-vs-remove-undriven-member');

  it('is found on device/raw by chance: the pointer to a member is used after unplug has freed it', () => {
    const { violations } = runRandomly(scenario, findVariant('device/raw'));
    const kinds = violations.map(({ kind, object, fiber }) => `${kind} ${object} ${fiber}`);
    expect(kinds).toContain('use-after-free device:0000:00:05.0 T1');
    // H04 on the way: the domain was made for a member that has left before the attach.
    const others = kinds.filter((one) => !one.startsWith('use-after-free'));
    for (const one of others) expect(one).toMatch(/^contract-breach iommu_domain#/);
  });

  it.each(['device/pinned', 'group-alloc/one-step'])(
    'is not there on %s, nor where the bridge goes',
    (id) => {
      for (const one of [scenario, named('set-iommu-vs-bridge-removal')]) {
        expect(runRandomly(one, findVariant(id), 60).violations).toEqual([]);
      }
    },
  );
});
