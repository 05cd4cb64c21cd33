/** Scenarios over the variants: the two proofs, witnesses, and tokens. */
import {
  type ExploreResult,
  eraOfScenario,
  exploreScenario,
  type Scenario,
  scenarios,
} from '@iommu-lab/conformance';
import { UsageError } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import { describe, expect, it, vi } from 'vitest';
import {
  exploreAll,
  exploreHolds,
  exploreJobs,
  exploreReport,
  findVariant,
  HAZARD_RESULTS,
  replayToken,
  VARIANTS,
} from '../src/index';

// The model runs here, on machines that have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const named = (id: string): Scenario => {
  const found = scenarios().find((one) => one.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
};
const undriven = named('set-iommu-vs-remove-undriven-member');
const bridge = named('set-iommu-vs-bridge-removal');

describe('the two proofs', () => {
  it('device/raw: a member is used after unplug has freed it, found by one preemption', () => {
    const raw = findVariant('device/raw');
    const found = exploreScenario(undriven, raw, { engine: 'bounded', bound: 1 });
    const [first] = found.violations;
    expect(first).toMatchObject({ kind: 'use-after-free' });
    expect(first?.token).toMatch(/^v1:[0-9a-z]{6}:/);
    expect(first?.deviations).toBeLessThanOrEqual(3);
    expect(first?.story.join(' ')).toContain('no lock ordered the two');
  });

  it.each(['optimal', 'source'] as const)(
    'none on a design that keeps its member, COMPLETE by %s',
    (engine) => {
      for (const scenario of [undriven, bridge]) {
        for (const id of ['group-alloc/one-step', 'device/pinned']) {
          const result = exploreScenario(scenario, findVariant(id), { engine });
          expect([scenario.id, id, result.verdict, result.violations]).toEqual([
            scenario.id,
            id,
            'COMPLETE',
            [],
          ]);
          expect(result.executions).toBeGreaterThan(1);
          expect(result.because).toMatch(/^the use comes first all \d+ times: .* is held over the use/);
        }
      }
    },
  );
});

/** Each scenario is searched on device/raw and on another design, each time the next; all are in the committed results. */
const designsFor = (at: number): Variant[] => {
  const others = VARIANTS.filter(({ id }) => id !== 'device/raw');
  return [findVariant('device/raw'), others[at % others.length] as Variant];
};

describe('every scenario', () => {
  it.each(scenarios().map((one, at) => [one.id, one, at] as const))(
    '%s says how far it was covered, and what the committed results say',
    (id, scenario, at) => {
      const era = eraOfScenario(scenario);
      const report = exploreAll({ scenarios: [scenario], variants: designsFor(at), era });
      for (const result of report.results) {
        expect(result.verdict).toBe('COMPLETE');
        expect(result.agreement).toMatchObject({ agree: true, differences: [] });
        expect(result.repeated).toBeGreaterThanOrEqual(1);
        expect(result.differing).toBe(0);
        // What device/dev-mutex locks in two orders it locks so in every scenario; it is the hazard of one of them.
        const told = result.violations.filter(
          ({ kind }) => result.variant !== 'device/dev-mutex' || kind !== 'lock-inversion',
        );
        if (scenario.hazard === undefined) expect(told).toEqual([]);
        if (scenario.hazard?.varies !== 'design') continue;
        const committed = HAZARD_RESULTS.filter((one) => one.scenario === id && one.era === era);
        const [same] = committed.filter(({ variant }) => variant === result.variant);
        const tokens = result.violations.filter(({ sought }) => sought).map(({ token }) => token);
        expect(tokens.sort()).toEqual(same?.violations.map(({ token }) => token).sort());
        expect(result.executions).toBe(same?.executions);
      }
    },
  );

  it('is judged at the eras of its hazard, its own first', () => {
    const jobs = exploreJobs([named('attach-vs-release-of-member')], VARIANTS);
    const eras = jobs.map(({ era }) => era);
    expect(eras[0]).toBe('6.12');
    expect(eras).toContain('6.1');
    expect(exploreJobs([named('two-containers-claim')], VARIANTS.slice(0, 1)).map(({ era }) => era)).toEqual([
      '6.12',
    ]);
  });
});

describe('reports', () => {
  const result = (variant: string, violations: ExploreResult['violations']): ExploreResult => ({
    scenario: undriven.id,
    hazard: 'H01',
    variant,
    era: '6.12',
    verdict: 'COMPLETE',
    violations,
    executions: 2,
    witness: null,
    because: null,
    agreement: null,
    repeated: 0,
    differing: 0,
    reason: 'fixture',
    engine: 'optimal',
    memoryModel: 'sequentially consistent',
    threads: 2,
    deepest: 9,
  });
  const violation = (kind: 'use-after-free' | 'leak', token: string | null) => ({
    kind,
    object: 'fixture',
    at: 'fixture',
    sought: kind === 'use-after-free',
    token,
    steps: 3,
    deviations: 1,
    message: 'fixture',
    story: [],
    remedy: null,
  });

  it('give a safe design the token of an unsafe one, of the kind that is looked for', () => {
    const unsafe = result('device/raw', [violation('leak', 't1'), violation('use-after-free', 't2')]);
    const report = exploreReport([result('a', []), unsafe]);
    expect(report.results.map(({ witness }) => witness)).toEqual(['t2', null]);
    const other = { ...unsafe, era: '6.1' };
    expect(exploreReport([result('a', []), other]).results[0]?.witness).toBe('t2');
    const leaks = { ...unsafe, violations: [violation('leak', 't1')] };
    expect(exploreReport([leaks, unsafe]).results[0]?.witness).toBe('t2');
    expect(exploreReport([result('a', []), leaks]).results[0]?.witness).toBe(null);
    const elsewhere = { ...unsafe, scenario: bridge.id };
    expect(exploreReport([result('a', []), elsewhere]).results[0]?.witness).toBe(null);
    const unshown = result('device/raw', [violation('use-after-free', null)]);
    expect(exploreReport([result('a', []), unshown]).results[0]?.witness).toBe(null);
  });

  it('do not hold where two engines disagree', () => {
    const agreement = (agree: boolean) => ({
      engines: ['optimal', 'source'] as ['optimal', 'source'],
      executions: [2, 3] as [number, number],
      agree,
      differences: agree ? [] : ['fixture'],
    });
    const reportOf = (agree: boolean) => exploreReport([{ ...result('a', []), agreement: agreement(agree) }]);
    expect(exploreHolds(reportOf(true))).toBe(true);
    expect(exploreHolds(reportOf(false))).toBe(false);
  });

  it('compare engines where none was chosen and none was ended', () => {
    const raw = findVariant('device/raw');
    expect(exploreScenario(undriven, raw, { engine: 'optimal' }).agreement).toBeNull();
    expect(exploreScenario(undriven, raw, { maxExecutions: 2 }).agreement).toBeNull();
  });

  it("run a hazard of the kernel's on one design", () => {
    const kernel = named('unmap-vs-dma');
    const jobs = exploreJobs([undriven, kernel], VARIANTS, '6.12');
    expect(jobs.map(({ scenario }) => scenario.id)).toEqual([...VARIANTS.map(() => undriven.id), kernel.id]);
  });

  it('say what a design without a domain port cannot express', () => {
    const { ports, ...rest } = findVariant('device/raw');
    const bare = { ...rest, ports: { ownership: ports.ownership } };
    expect(exploreScenario(undriven, bare)).toMatchObject({ verdict: 'NOT_EXPRESSIBLE', executions: 0 });
  });
});

describe('a token', () => {
  const found = exploreScenario(undriven, findVariant('device/raw'), { maxExecutions: 20 });
  const token = found.violations[0]?.token ?? '';

  it('leads to its scenario, variant and era, and shows what it was found for', () => {
    const replayed = replayToken(token);
    expect(replayed).toMatchObject({ variant: 'device/raw', era: '6.12', divergedAt: null });
    expect(replayed.scenario.id).toBe(undriven.id);
    const kinds = replayed.violations.map(({ kind, object }) => `${kind} ${object}`);
    expect(kinds).toContain('use-after-free device:0000:00:05.0');
    const old = exploreScenario(undriven, findVariant('device/raw'), { era: '6.1', maxExecutions: 40 });
    expect(replayToken(old.violations[0]?.token ?? '').era).toBe('6.1');
  });

  it('can be tried on another design', () => {
    const replayed = replayToken(token, { variant: findVariant('group-alloc/one-step') });
    expect([replayed.variant, replayed.violations]).toEqual(['group-alloc/one-step', []]);
  });

  it('that is none, or of nothing here, is refused', () => {
    expect(() => replayToken('v2:abcdef:0')).toThrow(UsageError);
    expect(() => replayToken('v1:zzzzzz:0')).toThrow(/^token v1:zzzzzz:0: names none of the scenarios /);
  });
});
