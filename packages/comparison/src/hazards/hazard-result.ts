/** What came of a hazard on one design at one kernel, as it is committed. */
import { type ExploreResult, type ExploreViolation, hazards } from '@iommu-lab/conformance';
import { type EraId, eraFunctions, type Variant } from '@iommu-lab/kernel';

export interface HazardResult {
  readonly hazard: string;
  readonly scenario: string;
  /** Null: the hazard is the kernel's, whatever the design. */
  readonly variant: string | null;
  readonly era: EraId;
  readonly evidence: 'recorded' | 'read';
  /** The kernel had no such interface. */
  readonly counterfactual?: true;
  readonly verdict: ExploreResult['verdict'];
  /** What shows the hazard, the shortest first. */
  readonly violations: readonly Pick<
    ExploreViolation,
    'kind' | 'object' | 'at' | 'token' | 'steps' | 'deviations'
  >[];
  /** Violations that the same search found and that are not this hazard's. */
  readonly others: readonly Pick<ExploreViolation, 'kind' | 'object' | 'at'>[];
  readonly executions: number;
  /** Whether a second engine found the same; null where none was asked. */
  readonly agree: boolean | null;
  readonly witness: string | null;
  readonly because: string | null;
  readonly reason: string;
}

/** `open`: not found, and not everything was covered. */
export type Outcome = 'reachable' | 'absent' | 'open' | 'vacuous' | 'not expressible';

/** Only results of scenarios that show a hazard of the catalogue. */
export function hazardResults(
  results: readonly ExploreResult[],
  variants: readonly Variant[],
): HazardResult[] {
  const known = new Set(hazards().map(({ id }) => id));
  return results.flatMap((result) => {
    const { hazard } = result;
    return hazard !== null && known.has(hazard) ? [hazardResult(hazard, result, variants)] : [];
  });
}

function hazardResult(hazard: string, result: ExploreResult, variants: readonly Variant[]): HazardResult {
  const { scenario, variant, verdict, violations, executions, witness, because, reason } = result;
  const era = result.era as EraId;
  const design = variants.find(({ id }) => id === variant);
  const shown = violations.filter(({ sought }) => sought).sort(byLength);
  return {
    hazard,
    scenario,
    variant,
    era,
    evidence: eraFunctions(era).evidence,
    ...(design === undefined || design.eras.includes(era) ? {} : { counterfactual: true }),
    verdict,
    violations: shown.map(({ kind, object, at, token, steps, deviations }) => ({
      kind,
      object,
      at,
      token,
      steps,
      deviations,
    })),
    others: violations.filter(({ sought }) => !sought).map(({ kind, object, at }) => ({ kind, object, at })),
    executions,
    agree: result.agreement?.agree ?? null,
    witness,
    because,
    reason,
  };
}

function byLength(one: ExploreViolation, other: ExploreViolation): number {
  return one.deviations - other.deviations || one.steps - other.steps;
}

/** What a result says of its hazard. */
export function outcomeOf({ verdict, violations }: Pick<HazardResult, 'verdict' | 'violations'>): Outcome {
  if (violations.length > 0) return 'reachable';
  switch (verdict) {
    case 'COMPLETE':
      return 'absent';
    case 'VACUOUS':
      return 'vacuous';
    case 'NOT_EXPRESSIBLE':
      return 'not expressible';
    case 'BOUNDED':
    case 'SAMPLED':
      return 'open';
  }
}
