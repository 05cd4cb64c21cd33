/** Turning results of cases into counts of steps, failures and skips. */
import type { CaseResult, Failure, Skip, Tally } from '@iommu-lab/conformance';

/**
 * The steps of a case by outcome. What is left over at the end and violations count against the last step, as does a
 * declared difference at a step that there is not.
 */
export function tallyOf(result: CaseResult): Tally {
  const { steps } = result;
  if (result.skipped !== null) return { steps, equal: 0, declared: 0, differing: 0, skipped: steps };
  const differing = new Set(result.failures.map(({ step }) => Math.min(step, steps - 1)));
  if (result.audit.length > 0 || result.violations.length > 0) differing.add(steps - 1);
  const declared = result.declared.filter(({ step }) => !differing.has(step)).length;
  const equal = steps - differing.size - declared;
  return { steps, equal, declared, differing: differing.size, skipped: 0 };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = { steps: 0, equal: 0, declared: 0, differing: 0, skipped: 0 };
  for (const tally of tallies) {
    sum.steps += tally.steps;
    sum.equal += tally.equal;
    sum.declared += tally.declared;
    sum.differing += tally.differing;
    sum.skipped += tally.skipped;
  }
  return sum;
}

/** Everything that did not come out as expected, one entry a step, a leftover or a violation. */
export function failuresOf(result: CaseResult): Failure[] {
  const at = { id: qualifiedId(result), variant: result.variant };
  const last = result.steps - 1;
  return [
    ...result.failures.map(({ step, differences }) => ({
      ...at,
      step,
      expected: Object.fromEntries(differences.map((d) => [d.field, d.expected ?? null])),
      actual: Object.fromEntries(differences.map((d) => [d.field, d.actual ?? null])),
    })),
    ...result.audit.map((leftover) => ({ ...at, step: last, expected: 'as at boot', actual: leftover })),
    ...result.violations.map((violation) => ({
      ...at,
      step: last,
      expected: 'no violation',
      actual: `${violation.kind} in ${violation.at}: ${violation.message}`,
    })),
  ];
}

export function skipsOf(result: CaseResult): Skip[] {
  if (result.skipped === null) return [];
  return [{ id: qualifiedId(result), variant: result.variant, reason: result.skipped }];
}

/** A case's id with its machine: one recording was made on several. */
export function qualifiedId({ machine, case: id }: Pick<CaseResult, 'machine' | 'case'>): string {
  return `${machine}/${id}`;
}
