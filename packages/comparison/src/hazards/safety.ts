/** What the committed results say of a design's safety: hazards of designs, at the kernel that designs are compared at. */
import type { ResultRow } from '@iommu-lab/conformance';
import type { ViolationKind } from '@iommu-lab/explorer';
import { type HazardResult, outcomeOf } from './hazard-result';
import { HAZARD_RESULTS } from './index';

const ERA = '6.12';

/** What is worse comes first; what is not named comes last. */
const WORST: readonly ViolationKind[] = ['use-after-free', 'double-free', 'oops', 'deadlock', 'invariant'];

/** Null for a design that was not judged: one of somebody else's. */
export function safetyOf(
  variant: string,
  results: readonly HazardResult[] = HAZARD_RESULTS,
): ResultRow['safety'] {
  const own = results.filter((one) => one.variant === variant && one.era === ERA);
  if (own.length === 0) return null;
  const ids = (some: readonly HazardResult[]) => [...new Set(some.map(({ hazard }) => hazard))];
  const reachable = own.filter((one) => outcomeOf(one) === 'reachable');
  return { era: ERA, judged: ids(own).length, reachable: ids(reachable), worst: worstOf(reachable) };
}

/** The token of the worst kind of violation, the shortest of these. */
function worstOf(reachable: readonly HazardResult[]): string | null {
  const shown = reachable.flatMap(({ violations }) => violations).filter(({ token }) => token !== null);
  const rank = (kind: ViolationKind) => (WORST.includes(kind) ? WORST.indexOf(kind) : WORST.length);
  const [worst] = shown.sort(
    (one, other) =>
      rank(one.kind) - rank(other.kind) || one.deviations - other.deviations || one.steps - other.steps,
  );
  return worst?.token ?? null;
}
