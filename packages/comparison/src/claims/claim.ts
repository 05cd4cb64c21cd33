/**
 * A claim of the thread as a function of results: what it says, the searches and workloads that it rests on, and the
 * judgement. A judgement never rests on anything else, so that breaking the code on purpose can turn it.
 */
import type { ViolationKind, ViolationNote } from '@iommu-lab/explorer';
import type { EraId } from '@iommu-lab/kernel';

/**
 * Whom a need is of. `form` names a patch of sources (scripts/claims/forms.json), or several with `+` between: a design,
 * or a machine, that the claim compares and that is not among the variants.
 */
interface Subject {
  readonly variant: string;
  readonly form?: string;
}

/** A search that is asked for. */
export interface SearchNeed extends Subject {
  readonly scenario: string;
}

/** How long an unplug has to wait in a scenario. */
export interface StallNeed extends Subject {
  readonly stall: string;
}

/** The workloads without an unplug, on one variant. */
export interface WorkloadNeed extends Subject {
  readonly workloads: 'without unplug';
}

/** One of the step lists of probes.ts. */
export interface ProbeNeed extends Subject {
  readonly probe: string;
}

/** One change of domain under traffic. */
export interface TrafficNeed extends Subject {
  readonly traffic: string;
}

export type Need = SearchNeed | StallNeed | WorkloadNeed | ProbeNeed | TrafficNeed;

/** A violation that a search showed. */
export interface ShownViolation extends ViolationNote {
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
  /** How executions ended, each once, sorted: what the threads were answered, and the kinds of violation. */
  readonly outcomes: readonly string[];
  /** Executions in which a member left the group while the first thread was between its first step and its last. */
  readonly leftMeanwhile: number;
}

/** The longest wait of the second thread of a scenario, over all places of the first where it may begin. */
export interface StallFact {
  /** Steps that the first makes until the second can go on. */
  readonly steps: number;
}

/** What the steps of a probe answered that it asks about, by the name that it gives them: a number or an errno. */
export interface ProbeFact {
  readonly answers: Readonly<Record<string, number | string>>;
}

/** What a change of domain under traffic came to. */
export interface TrafficFact {
  /** What steps failed with, and the domain that the design named where it names one. */
  readonly failed: readonly string[];
  /** Where each device and its group were left: `attached/domain`, in the order of the devices. */
  readonly left: readonly string[];
}

export type Fact = SearchFact | StallFact | WorkloadFact | ProbeFact | TrafficFact;

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
  stall(need: StallNeed): StallFact;
  workloads(need: WorkloadNeed): WorkloadFact;
  probe(need: ProbeNeed): ProbeFact;
  traffic(need: TrafficNeed): TrafficFact;
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
  const { variant, form } = need;
  return `${subjectOf(need)} on ${variant}${form === undefined ? '' : ` as ${form}`}`;
}

function subjectOf(need: Need): string {
  if ('workloads' in need) return `workloads ${need.workloads}`;
  if ('stall' in need) return `stall in ${need.stall}`;
  if ('probe' in need) return `probe ${need.probe}`;
  return 'traffic' in need ? `traffic ${need.traffic}` : need.scenario;
}
