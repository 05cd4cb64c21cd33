/** The catalogue of hazards, its scenarios, and the results that are committed. */
import { hazards, pendingHazards, scenarios } from '@iommu-lab/conformance';
import { describe, expect, it } from 'vitest';
import { HAZARD_RESULTS, type HazardResult, outcomeOf, replayToken } from '../src/index';

const judged = hazards();

describe('the catalogue', () => {
  it('has each number once, judged or pending', () => {
    const ids = [...judged, ...pendingHazards()].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // 59 numbers, and three that were split.
    expect(ids.length).toBe(59 + 3);
  });

  it('agrees with the scenarios: each hazard that is judged has some, and no other', () => {
    const named = scenarios().flatMap(({ hazard }) => (hazard === undefined ? [] : [hazard]));
    expect(new Set(named.map(({ id }) => id))).toEqual(new Set(judged.map(({ id }) => id)));
    for (const { id, varies } of named)
      expect([id, judged.find((one) => one.id === id)?.varies]).toEqual([id, varies]);
  });

  it('is of scenarios that say what they look for', () => {
    const silent = scenarios().filter(
      ({ hazard, looksFor }) => hazard !== undefined && looksFor === undefined,
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});

const at612 = HAZARD_RESULTS.filter(({ era }) => era === '6.12');
const reachable = HAZARD_RESULTS.filter((one) => outcomeOf(one) === 'reachable');

describe('the committed results', () => {
  it('speak of every hazard that is judged', () => {
    expect(new Set(HAZARD_RESULTS.map(({ hazard }) => hazard))).toEqual(new Set(judged.map(({ id }) => id)));
  });

  it('are complete for nine in ten of those that can be expressed, and none that is absent is vacuous', () => {
    const expressible = HAZARD_RESULTS.filter(({ verdict }) => verdict !== 'NOT_EXPRESSIBLE');
    const complete = expressible.filter(({ verdict }) => verdict === 'COMPLETE');
    expect(complete.length / expressible.length).toBeGreaterThanOrEqual(0.9);
    expect(expressible.filter(({ verdict }) => verdict === 'VACUOUS')).toEqual([]);
  });

  it('say that device/raw uses a freed device, with two threads and at most three deviations', () => {
    const [raw] = at612.filter(({ hazard, variant }) => hazard === 'H01' && variant === 'device/raw');
    expect(raw?.violations[0]).toMatchObject({ kind: 'use-after-free', object: 'device:0000:00:05.0' });
    expect(raw?.violations[0]?.deviations).toBeLessThanOrEqual(3);
  });

  it.each(oneOfEach(reachable).map((one) => [`${one.hazard} ${one.variant ?? ''} ${one.era}`, one] as const))(
    '%s: the token shows it',
    (_, { scenario, violations }) => {
      const [worst] = violations;
      const replayed = replayToken(worst?.token ?? '');
      expect(replayed.scenario.id).toBe(scenario);
      expect(replayed.divergedAt).toBeNull();
      expect(replayed.violations.map(({ kind, object }) => `${kind} ${object}`)).toContain(
        `${worst?.kind} ${worst?.object}`,
      );
    },
  );
});

/** The first result of each hazard. */
function oneOfEach(results: readonly HazardResult[]): HazardResult[] {
  return results.filter(({ hazard }, at) => results.findIndex((one) => one.hazard === hazard) === at);
}
