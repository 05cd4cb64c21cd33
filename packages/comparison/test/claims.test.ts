/** The list of claims, and judgements on made-up facts: what a claim says of results that this code did not yield. */
import { describe, expect, it } from 'vitest';
import type { Claim, SearchFact, WorkloadFact } from '../src/claims/claim';
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
function verdictOf(id: string, fact: SearchFact, others: Readonly<Record<string, SearchFact>> = {}): string {
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

  it('needs its facts', () => {
    expect(() => judgeClaim(claimNamed('CL-06'), '6.12', {})).toThrow(/CL-06 needs set-iommu-vs-remove/);
  });
});
