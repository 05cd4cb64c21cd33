/**
 * Differences that a variant declares: at this step of this case it answers otherwise, on purpose. One that occurs as
 * declared is no failure; one that does not occur is.
 */
import type { DeclaredDifference, Variant } from '@iommu-lab/kernel';
import type { Case } from '../grammar/case';
import type { Difference } from '../trace/compare';
import type { DeclaredStep, StepFailure } from './case-result';

/** What came of a case's steps once the variant's declarations are heard. */
export interface Judged {
  readonly failures: readonly StepFailure[];
  readonly declared: readonly DeclaredStep[];
}

/** Whether the declaration speaks of the case: by `profile/id`, or by its id, whatever the profile. */
export function speaksOf({ case: named }: DeclaredDifference, one: Pick<Case, 'id' | 'profile'>): boolean {
  return named === one.id || named === `${one.profile}/${one.id}`;
}

/** What a step answered instead, field by field, in the words of `DeclaredDifference.expected`. */
export function insteadText(differences: readonly Difference[]): string {
  return differences
    .map(({ field, actual }) => `${field} ${actual === undefined ? 'nothing' : JSON.stringify(actual)}`)
    .join(', ');
}

/** Takes what is declared out of the steps that differ, and puts in what is declared and did not come. */
export function judge(one: Case, { differs = [] }: Variant, different: readonly StepFailure[]): Judged {
  const declarations = differs.filter((each) => speaksOf(each, one));
  if (declarations.length === 0) return { failures: different, declared: [] };
  const at = new Map(different.map((each) => [each.step, each]));
  const declared: DeclaredStep[] = [];
  for (const { step, expected, reason } of declarations) {
    const seen = at.get(step);
    const instead = seen === undefined ? 'what the case expects' : insteadText(seen.differences);
    if (seen !== undefined && instead === expected) {
      at.delete(step);
      declared.push({ step, op: seen.op, instead, reason });
      continue;
    }
    const differences = [{ field: 'declared difference', expected, actual: instead }];
    const op = one.steps[step]?.op ?? 'no such step';
    at.set(step, { step, op, differences, answer: seen?.answer ?? { ret: null, errno: null } });
  }
  return { failures: [...at.values()].sort((a, b) => a.step - b.step), declared };
}
