/** The list of claims, and judgements on made-up facts: what a claim says of results that this code did not yield. */
import { describe, expect, it } from 'vitest';
import type { Claim, Fact, SearchFact, TrafficFact, WorkloadFact } from '../src/claims/claim';
import { needKey } from '../src/claims/claim';
import { CLAIMS, JUDGED_CLAIMS, PENDING_CLAIMS } from '../src/claims/index';
import { judgeClaim } from '../src/claims/judge';

const CLAIMS_OF_THE_THREAD = 37;

describe('the claims of the thread', () => {
  it('are each judged or pending, once', () => {
    const ids = [...CLAIMS, ...PENDING_CLAIMS].map(({ id }) => id).sort();
    const all = Array.from(
      { length: CLAIMS_OF_THE_THREAD },
      (_, at) => `CL-${String(at + 1).padStart(2, '0')}`,
    );
    expect(ids).toEqual(all);
  });

  it('that are judged have a judgement at 6.12, and no other claim has one', () => {
    const at612 = JUDGED_CLAIMS.filter(({ era }) => era === '6.12').map(({ claim }) => claim);
    expect(at612).toEqual(CLAIMS.map(({ id }) => id));
    for (const { claim, era } of JUDGED_CLAIMS) {
      expect(CLAIMS.find(({ id }) => id === claim)?.eras).toContain(era);
    }
  });
});

const NOTHING: SearchFact = {
  verdict: 'COMPLETE',
  executions: 5,
  violations: [],
  outcomes: ['attached'],
  leftMeanwhile: 2,
};
const USED: SearchFact = {
  ...NOTHING,
  violations: [
    {
      kind: 'use-after-free',
      object: 'device:0000:00:05.0',
      at: 'iommu_x',
      token: 'v1:abc:1.1',
      deviations: 1,
    },
  ],
};
const OTHER: SearchFact = {
  ...NOTHING,
  violations: [
    { kind: 'leak', object: 'device:0000:00:05.0', at: 'iommu_x', token: 'v1:abc:1.1', deviations: 1 },
  ],
};
const BOUNDED: SearchFact = { ...NOTHING, verdict: 'BOUNDED' };

function claimNamed(id: string): Claim {
  const claim = CLAIMS.find((one) => one.id === id);
  if (claim === undefined) throw new Error(`no claim ${id}`);
  return claim;
}

/** The verdict where every search showed `fact`, but for those whose key says otherwise. */
function verdictOf(id: string, fact: Fact, others: Readonly<Record<string, Fact>> = {}): string {
  const claim = claimNamed(id);
  const facts = Object.fromEntries(claim.needs.map((need) => [needKey(need), others[needKey(need)] ?? fact]));
  return judgeClaim(claim, '6.12', facts).verdict;
}

describe('a judgement', () => {
  it.each([
    ['CL-06', USED, 'confirmed'],
    ['CL-06', NOTHING, 'refuted'],
    ['CL-06', OTHER, 'refuted'],
    ['CL-06', BOUNDED, 'undecided'],
    ['CL-08', NOTHING, 'confirmed'],
    ['CL-08', USED, 'refuted'],
    ['CL-08', BOUNDED, 'undecided'],
    ['CL-25', USED, 'confirmed'],
    ['CL-25', NOTHING, 'refuted'],
    ['CL-25', BOUNDED, 'undecided'],
    ['CL-36', NOTHING, 'refuted'],
    ['CL-36', USED, 'refuted'],
  ])('of %s follows from what the searches showed (%#)', (id, fact, verdict) => {
    expect(verdictOf(id, fact)).toBe(verdict);
  });

  it('of CL-36 needs a harm that the other choice does not do', () => {
    const registered = 'set-iommu-vs-remove-undriven-member on device/raw as raw-picks-registered';
    expect(verdictOf('CL-36', USED, { [registered]: NOTHING })).toBe('confirmed');
    expect(verdictOf('CL-36', USED, { [registered]: BOUNDED })).toBe('undecided');
  });

  it('of CL-11 needs a deadlock of the one and none of the other', () => {
    const [unbind, silent] = ['set-iommu-vs-unbind', { kernelSilent: true as const }];
    const found = { kind: 'deadlock' as const, object: 'x', at: 'y', token: 'v1:abc:1.1', deviations: 1 };
    const locked: SearchFact = { ...NOTHING, violations: [{ ...found, ...silent }] };
    const mutex = `${unbind} on device/dev-mutex`;
    expect(verdictOf('CL-11', NOTHING, { [mutex]: locked })).toBe('confirmed');
    expect(verdictOf('CL-11', NOTHING)).toBe('refuted');
    expect(verdictOf('CL-11', locked)).toBe('refuted');
    expect(verdictOf('CL-11', NOTHING, { [mutex]: BOUNDED })).toBe('undecided');
    expect(verdictOf('CL-11', NOTHING, { [mutex]: locked, [`${unbind} on device/pinned`]: BOUNDED })).toBe(
      'undecided',
    );
  });

  it('of CL-23 compares all answers', () => {
    const claim = claimNamed('CL-23');
    const fact = (answers: string, cases = 3): WorkloadFact => ({ cases, steps: 9, answers });
    const judged = (other: WorkloadFact) => {
      const facts = Object.fromEntries(claim.needs.map((need) => [needKey(need), fact('same')]));
      return judgeClaim(claim, '6.12', { ...facts, 'workloads without unplug on device/pinned': other })
        .verdict;
    };
    expect(judged(fact('same'))).toBe('confirmed');
    expect(judged(fact('different'))).toBe('refuted');
    const none = Object.fromEntries(claim.needs.map((need) => [needKey(need), fact('same', 0)]));
    expect(judgeClaim(claim, '6.12', none).verdict).toBe('undecided');
  });

  it('of CL-04 wants every move of a group without an owner refused as such', () => {
    expect(verdictOf('CL-04', { answers: { one: 'EPERM', other: 'EPERM' } })).toBe('confirmed');
    expect(verdictOf('CL-04', { answers: { one: 'EPERM', other: 'EINVAL' } })).toBe('refuted');
    expect(verdictOf('CL-04', { answers: { one: 'EPERM', other: 0 } })).toBe('refuted');
  });

  it('of CL-12 wants both widths safe, and the wider one to make an unplug wait for longer', () => {
    const stall = 'stall in set-iommu-vs-remove-newest-member on device/pinned';
    const narrow = `${stall} as pinned-for-allocation`;
    const judged = (fact: SearchFact, wide: number, less: number) =>
      verdictOf('CL-12', fact, { [stall]: { steps: wide }, [narrow]: { steps: less } });
    expect(judged(NOTHING, 9, 3)).toBe('confirmed');
    expect(judged(NOTHING, 9, 9)).toBe('refuted');
    expect(judged(USED, 9, 3)).toBe('refuted');
    expect(judged(BOUNDED, 9, 3)).toBe('undecided');
  });

  it('of CL-16 counts the states that one answer stands for', () => {
    const claim = claimNamed('CL-16');
    const judged = (left: (key: string) => string[]) => {
      const fact = (key: string): TrafficFact => ({ failed: ['EINVAL'], left: left(key) });
      const keys = claim.needs.map(needKey);
      return judgeClaim(claim, '6.12', Object.fromEntries(keys.map((key) => [key, fact(key)]))).verdict;
    };
    const wayBack = (key: string) => key.includes('way-back');
    const parks = (key: string) => key.includes('parks');
    expect(judged((key) => [wayBack(key) && !parks(key) ? 'blocking' : 'from'])).toBe('confirmed');
    expect(judged((key) => [wayBack(key) ? 'blocking' : 'from'])).toBe('refuted');
    expect(judged(() => ['from'])).toBe('refuted');
  });

  it.each(['CL-21', 'CL-29'])('of %s compares how executions end', (id) => {
    const workloads = Object.fromEntries(
      claimNamed(id)
        .needs.filter((need) => 'workloads' in need)
        .map((need): [string, Fact] => [needKey(need), { cases: 3, steps: 9, answers: 'same' }]),
    );
    const [own] = claimNamed(id).needs;
    if (own === undefined) throw new Error(`${id} needs nothing`);
    const differing = { ...NOTHING, outcomes: ['attached', 'refused'] };
    expect(verdictOf(id, NOTHING, workloads)).toBe('confirmed');
    expect(verdictOf(id, BOUNDED, workloads)).toBe('undecided');
    expect(verdictOf(id, NOTHING, { ...workloads, [needKey(own)]: differing })).toBe('refuted');
  });

  it('of CL-22 wants a group that the two questions tell apart', () => {
    const on = 'probe capability-of-a-group on group-alloc/one-step';
    const answers = (value: number): Fact => ({ answers: { 'isolated-msi': value } });
    const both = `${on} as newest-member-msi-not-isolated+one-step-asks-any`;
    const mixed = `${on} as newest-member-msi-not-isolated`;
    expect(verdictOf('CL-22', answers(1), { [mixed]: answers(0) })).toBe('confirmed');
    expect(verdictOf('CL-22', answers(1))).toBe('refuted');
    expect(verdictOf('CL-22', answers(1), { [mixed]: answers(0), [both]: answers(0) })).toBe('refuted');
  });

  it('of CL-24 wants a member to leave in every design', () => {
    const kept = 'set-iommu-vs-remove-undriven-member on device/pinned';
    expect(verdictOf('CL-24', NOTHING)).toBe('confirmed');
    expect(verdictOf('CL-24', NOTHING, { [kept]: { ...NOTHING, leftMeanwhile: 0 } })).toBe('refuted');
    expect(verdictOf('CL-24', NOTHING, { [kept]: { ...BOUNDED, leftMeanwhile: 0 } })).toBe('undecided');
  });

  it('needs its facts', () => {
    expect(() => judgeClaim(claimNamed('CL-06'), '6.12', {})).toThrow(/CL-06 needs set-iommu-vs-remove/);
  });
});
