/** The head of a step: its operation, its arguments, its answer, and what is wrong with that. */
import type { CaseResult, Step, WorkloadStep } from '@iommu-lab/conformance';
import { wrap } from '../../terminal/width';
import { fieldText, valueText } from '../differences';

/** `step 3  VFIO_SET_IOMMU fd=c type=3: 0`. */
export function stepHead(step: Step | WorkloadStep, index: number, width: number): string[] {
  const given = Object.entries(step.args).map(([name, value]) => `${name}=${valueText(value)}`);
  const answer = answerText(step as Step);
  const text = `step ${index}  ${[step.op, ...given].join(' ')}${answer === '' ? '' : `: ${answer}`}`;
  return wrap(text, width, 4);
}

/** What the step is expected to answer, which it did unless `stepDifferences` says otherwise. */
function answerText({ ret, errno, out }: Step): string {
  if (ret === null) return `never comes back${out?.kernel === undefined ? '' : ` (${out.kernel})`}`;
  if (errno !== null && errno !== undefined) return errno;
  return ret === undefined ? '' : String(ret);
}

/** How the step's answer differs on this variant; none where it does not. */
export function stepDifferences(result: CaseResult, index: number): string[] {
  const failure = result.failures.find(({ step }) => step === index);
  return (failure?.differences ?? []).map(({ field, expected, actual }) =>
    fieldText({ field, expected: valueText(expected), seen: valueText(actual) }),
  );
}

/** What is wrong after the last step. */
export function endDifferences({ audit, violations }: CaseResult): string[] {
  return [
    ...audit.map((leftover) => `left over: ${leftover}`),
    ...violations.map(({ kind, at, message }) => `${kind} in ${at}: ${message}`),
  ];
}
