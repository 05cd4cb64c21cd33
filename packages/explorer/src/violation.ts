/** The closed list of what can go wrong in an execution, and one finding. */

export type ViolationKind =
  | 'use-after-free'
  | 'double-free'
  | 'leak'
  | 'refcount'
  | 'deadlock'
  | 'lock-inversion'
  | 'bad-unlock'
  | 'sleep-in-atomic'
  | 'data-race'
  | 'oops'
  | 'invariant'
  | 'contract-breach'
  | 'starvation';

/** What is said of a finding beyond where and what. */
export interface ViolationNote {
  /**
   * Of a lock inversion or a deadlock: the kernel's own lock validator would not say it, as a lock of the cycle is
   * excluded from validation.
   */
  readonly kernelSilent?: true;
}

export interface Violation extends ViolationNote {
  readonly kind: ViolationKind;
  readonly message: string;
  /** Label of the object concerned, where there is one. */
  readonly object: string | null;
  /** The modelled kernel function in which it happened. */
  readonly at: string;
  readonly fiber: string;
  readonly step: number;
}

/** What tells one finding from another. */
export type FindingOf = Pick<Violation, 'kind' | 'message' | 'object' | 'at'>;

/**
 * Equal for violations that are one finding: of one kind, on one object, in one function. What breaks an invariant stays
 * broken while others run: it is one finding, whoever made the step after which it was seen.
 */
export function violationKey({ kind, message, object, at }: FindingOf): string {
  return kind === 'invariant' ? `${kind} ${message}` : `${kind} ${object ?? ''} ${at}`;
}

/** A property of the whole state. `check` returns null, or what is wrong in words. */
export interface Invariant {
  readonly id: string;
  check(): string | null;
}
