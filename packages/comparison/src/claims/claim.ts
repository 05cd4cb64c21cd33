/**
 * A claim of the thread as a function of results: what it says, the searches and workloads that it rests on, and the
 * judgement. A judgement never rests on anything else, so that breaking the code on purpose can turn it.
 */
import type { ViolationKind } from '@iommu-lab/explorer';
import type { EraId } from '@iommu-lab/kernel';

/**
 * A search that is asked for. `form` names a patch of a variant's file (scripts/claims/forms.json): a design that the
 * claim compares and that no variant is.
 */
export interface SearchNeed {
  readonly scenario: string;
  readonly variant: string;
  readonly form?: string;
}

/** The workloads without an unplug, on one variant. */
export interface WorkloadNeed {
  readonly workloads: 'without unplug';
  readonly variant: string;
}

export type Need = SearchNeed | WorkloadNeed;

/** A violation that a search showed. */
export interface ShownViolation {
  readonly kind: ViolationKind;
  readonly object: string | null;
  /** The modelled kernel function in which it shows. */
  readonly at: string;
  /** Null for a form: `replay` has no such variant. */
  readonly token: string | null;
  readonly deviations: number;
}

/** What a search showed. */
export interface SearchFact {
  readonly verdict: string;
  readonly executions: number;
  readonly violations: readonly ShownViolation[];
}

/** What the workloads answered: each step's answer as text, in order. */
export interface WorkloadFact {
  readonly cases: number;
  readonly steps: number;
  /** A hash of all answers: equal where all are. */
  readonly answers: string;
}

/** The facts by need. */
export interface Facts {
  search(need: SearchNeed): SearchFact;
  workloads(variant: string): WorkloadFact;
}

export interface Judgement {
  readonly verdict: 'confirmed' | 'refuted' | 'undecided';
  /** Why, in one or two sentences with the numbers. */
  readonly reason: string;
  /** Tokens, for `iommu-lab replay`. */
  readonly tokens: readonly string[];
  /** Where it is undecided: the experiment that is missing. */
  readonly missing?: string;
}

export interface Claim {
  readonly id: string;
  /** Whose it is. */
  readonly by: string;
  /** What was said, in our words. */
  readonly says: string;
  /** The eras at which it is judged, as far as they can be run: the one that it speaks of, and 6.12. */
  readonly eras: readonly EraId[];
  readonly needs: readonly Need[];
  judge(facts: Facts): Judgement;
  /** The patch in scripts/claims/forms.json that turns the verdict. */
  readonly turnedBy: string;
  /** What shows it: arguments of `iommu-lab`. */
  readonly command: string;
}

/** One text for each need: two needs of one text are one. */
export function needKey(need: Need): string {
  if ('workloads' in need) return `workloads ${need.workloads} on ${need.variant}`;
  return `${need.scenario} on ${need.variant}${need.form === undefined ? '' : ` as ${need.form}`}`;
}
