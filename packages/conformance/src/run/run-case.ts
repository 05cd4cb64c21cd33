/** Runs one case on one variant: every step in order, then the audit. */
import type { EventListener } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import type { Case } from '../grammar/case';
import { resultKeyOf } from '../results/result-key';
import { compareStep } from '../trace/compare';
import type { CaseResult, StepFailure } from './case-result';
import { judge } from './declared';
import { Benches, Interpreter } from './interpreter';
import { Judging } from './judging';
import { canPerform } from './steps';

export interface RunOptions {
  /** Sees every event of the kernel. */
  readonly listener?: EventListener;
  /** Called before each step with its number, and with the number of steps before the audit. */
  readonly onStep?: (step: number) => void;
}

/** Runs cases, and keeps the systems that it has booted for the next case of the same profile and variant. */
export class CaseRunner {
  readonly #benches = new Benches();

  /**
   * Runs the steps on a system as it is after boot. A step that never comes back or kills the kernel does not end the
   * case: what follows is compared too.
   */
  run(one: Case, variant: Variant, options: RunOptions = {}): CaseResult {
    const head = { ...resultKeyOf(one, variant), title: one.title, steps: one.steps.length };
    const skipped = reasonToSkip(one, variant);
    if (skipped !== null) {
      return { ...head, failures: [], declared: [], audit: [], violations: [], skipped };
    }
    const bench = this.#benches.of(one.profile, variant);
    try {
      const interpreter = new Interpreter(bench);
      if (options.listener !== undefined) interpreter.listen(options.listener);
      const judging = new Judging(interpreter);
      const judged = judge(one, variant, failedSteps(one, interpreter, judging, options));
      options.onStep?.(one.steps.length);
      const audited = judging.toTheEnd && one.expect?.audit !== false;
      const audit = audited ? interpreter.audit() : [];
      return { ...head, ...judged, audit, violations: judging.violations, skipped: null };
    } finally {
      bench.reset();
    }
  }
}

/** Runs one case on a freshly booted system. */
export function runCase(one: Case, variant: Variant, options: RunOptions = {}): CaseResult {
  return new CaseRunner().run(one, variant, options);
}

function failedSteps(
  one: Case,
  interpreter: Interpreter,
  judging: Judging,
  options: RunOptions,
): StepFailure[] {
  const failures: StepFailure[] = [];
  for (const [index, step] of one.steps.entries()) {
    options.onStep?.(index);
    for (const { before, handle } of one.unrecorded ?? []) {
      if (before === index) interpreter.run({ op: 'close', args: { handle } });
    }
    const answer = judging.step(step, () => interpreter.run(step));
    const differences = compareStep(step, answer);
    if (differences.length > 0) failures.push({ step: index, op: step.op, differences, answer });
  }
  return failures;
}

function reasonToSkip(one: Case, variant: Variant): string | null {
  if (variant.ports.domain === undefined)
    return 'the variant has no domain port: frontend type1 cannot use it';
  const unknown = one.steps.find((step) => !canPerform(step.op));
  if (unknown !== undefined) return `the operation ${unknown.op} cannot be performed by this version`;
  const missing = one.needs.find((need) => !(variant.supports as readonly string[]).includes(need));
  return missing === undefined ? null : `the variant does not support ${missing}`;
}
