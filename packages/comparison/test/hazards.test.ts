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

const DETACH_THEN_ATTACH = [
  'group/attach',
  'device/raw',
  'device/pinned',
  'device/passed-in',
  'group-alloc/two-step',
  'group-alloc/one-step',
  'group-alloc/iterator',
];
const DESIGNS = ['group/replace-v1', 'group/replace', ...DETACH_THEN_ATTACH];

/**
 * Which designs show a hazard at 6.12, as predicted. H01: a pointer that nobody keeps. H04: allocated for a member in one
 * critical section, attached in another; a domain of the bus is made for no member. H11 and H14: whatever the design, see
 * the remarks in the catalogue. H12: between a detach and an attach nobody holds the group.
 */
const PREDICTED: Readonly<Record<string, readonly string[]>> = {
  H01: ['device/raw'],
  H03: [],
  H04: ['device/raw', 'group-alloc/two-step', 'group-alloc/iterator'],
  H10: [],
  H11: DESIGNS,
  H12: DETACH_THEN_ATTACH,
  H13: [],
  H14: DESIGNS,
  H16: [],
  H17: [],
  H18: [],
};

describe('the committed results', () => {
  it.each(Object.entries(PREDICTED))(
    '%s is reachable on the designs that were predicted',
    (hazard, designs) => {
      const shown = at612.filter((one) => one.hazard === hazard && outcomeOf(one) === 'reachable');
      const ids = new Set(shown.map(({ variant }) => variant));
      for (const design of DESIGNS)
        expect([design, ids.has(design)]).toEqual([design, designs.includes(design)]);
    },
  );

  it('are the same from two engines', () => {
    const asked = HAZARD_RESULTS.filter(({ verdict }) => verdict !== 'NOT_EXPRESSIBLE');
    expect(asked.filter(({ agree }) => agree !== true)).toEqual([]);
  });

  it('have a witness for nine in ten of those that are absent', () => {
    const absent = HAZARD_RESULTS.filter((one) => outcomeOf(one) === 'absent');
    const witnessed = absent.filter(({ witness }) => witness !== null);
    expect(witnessed.length / absent.length).toBeGreaterThanOrEqual(0.9);
  });

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
