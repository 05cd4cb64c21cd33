/** What came of a claim at one kernel. */
import type { EraId } from '@iommu-lab/kernel';
import type { Claim, Judgement, SearchFact, WorkloadFact } from './claim';
import { needKey } from './claim';

/** Facts of one kernel by `needKey`. */
export type FactsByKey = Readonly<Record<string, SearchFact | WorkloadFact>>;

export interface JudgedClaim extends Judgement {
  readonly claim: string;
  readonly era: EraId;
}

/** @throws TypeError where a fact that the claim needs is not there */
export function judgeClaim(claim: Claim, era: EraId, facts: FactsByKey): JudgedClaim {
  const found = (key: string) => {
    const fact = facts[key];
    if (fact === undefined) throw new TypeError(`${claim.id} needs ${key}`);
    return fact;
  };
  const judgement = claim.judge({
    search: (need) => found(needKey(need)) as SearchFact,
    workloads: (variant) => found(needKey({ workloads: 'without unplug', variant })) as WorkloadFact,
  });
  return { claim: claim.id, era, ...judgement };
}
