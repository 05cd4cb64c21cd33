/** What judgements of searches have in common: the scenarios, and how their violations are read. */
import type { Facts, Judgement, SearchFact, SearchNeed, ShownViolation, WorkloadNeed } from './claim';

export const UNDRIVEN = 'set-iommu-vs-remove-undriven-member';
export const OLDEST = 'set-iommu-vs-remove-oldest-member';
export const NEWEST = 'set-iommu-vs-remove-newest-member';
export const BRIDGE = 'set-iommu-vs-bridge-removal';

export const on = (scenario: string, variant: string, form?: string): SearchNeed =>
  form === undefined ? { scenario, variant } : { scenario, variant, form };

export const withoutUnplug = (variant: string): WorkloadNeed => ({ workloads: 'without unplug', variant });

/** SET_IOMMU against each way to unplug. */
export const UNPLUGS = [UNDRIVEN, OLDEST, NEWEST, BRIDGE];

/** Uses of a device after its end. */
export function usesOfFreed({ violations }: SearchFact): ShownViolation[] {
  return violations.filter(({ kind, object }) => kind === 'use-after-free' && /^device:/.test(object ?? ''));
}

/** The functions in which they show. */
export function placesOf(violations: readonly ShownViolation[]): string {
  return [...new Set(violations.map(({ at }) => at))].join(', ');
}

export function tokensOf(violations: readonly ShownViolation[]): string[] {
  return violations.flatMap(({ token }) => (token === null ? [] : [token]));
}

export const undecided = (reason: string, missing: string): Judgement => ({
  verdict: 'undecided',
  reason,
  tokens: [],
  missing,
});

/** Names the searches that are not complete; null: all are. */
export function incomplete(facts: Facts, needs: readonly SearchNeed[]): Judgement | null {
  const open = needs.filter((need) => facts.search(need).verdict !== 'COMPLETE');
  if (open.length === 0) return null;
  const names = open.map(({ scenario, variant }) => `${scenario} on ${variant}`).join(', ');
  return undecided(`not complete: ${names}`, 'a complete search of these');
}

/** All that the searches showed. */
export function violationsOf(facts: Facts, needs: readonly SearchNeed[]): ShownViolation[] {
  return needs.flatMap((need) => facts.search(need).violations);
}

export function executionsOf(facts: Facts, needs: readonly SearchNeed[]): number {
  return needs.reduce((sum, need) => sum + facts.search(need).executions, 0);
}

/** The scenarios in which two designs end differently. */
export function endsDifferently(
  facts: Facts,
  scenarios: readonly string[],
  one: string,
  other: string,
): string[] {
  const ends = (scenario: string, variant: string) => facts.search(on(scenario, variant)).outcomes.join('\n');
  return scenarios.filter((scenario) => ends(scenario, one) !== ends(scenario, other));
}
