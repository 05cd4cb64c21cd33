/** What came of a claim at one kernel. */
import type { EraId } from '@iommu-lab/kernel';
import type { Claim, Fact, Facts, Judgement, Need } from './claim';
import { needKey } from './claim';

/** Facts of one kernel by `needKey`. */
export type FactsByKey = Readonly<Record<string, Fact>>;

export interface JudgedClaim extends Judgement {
  readonly claim: string;
  readonly era: EraId;
}

/** @throws TypeError where a fact that the claim needs is not there */
export function judgeClaim(claim: Claim, era: EraId, facts: FactsByKey): JudgedClaim {
  // Facts come by key, as what their need asks for.
  const found = (need: Need) => {
    const key = needKey(need);
    const fact = facts[key];
    if (fact === undefined) throw new TypeError(`${claim.id} needs ${key}`);
    return fact as never;
  };
  const all: Facts = { search: found, stall: found, workloads: found, probe: found, traffic: found };
  const judgement = claim.judge(all);
  return { claim: claim.id, era, ...judgement };
}
