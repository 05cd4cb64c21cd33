/**
 * Where judging ends before a case does: at the step at which the recorded kernel died or never came back, and at the
 * step at which an IOMMU driver of that kernel did something wrong by itself. Answers are compared to the end all the
 * same; what the core's invariants say from then on, and what is left behind, is no finding about the core.
 */
import type { Violation } from '@iommu-lab/explorer';
import type { Step } from '../grammar/step';
import type { Interpreter } from './interpreter';

/** Whether the recorded kernel died or hung in this step. */
function died({ out }: Step): boolean {
  return out !== undefined && 'kernel' in out && out.kernel !== undefined;
}

export class Judging {
  #ended = false;
  #violations: readonly Violation[] = [];

  constructor(private readonly interpreter: Interpreter) {}

  /** Whether what is left behind is to be looked at. */
  get toTheEnd(): boolean {
    return !this.#ended;
  }

  /** What was violated, up to where judging ended. */
  get violations(): readonly Violation[] {
    return this.#ended ? this.#violations : [...this.interpreter.violations()];
  }

  /** Performs a step by `run`. */
  step<T>(step: Step, run: () => T): T {
    if (!this.#ended) this.#violations = [...this.interpreter.violations()];
    const answer = run();
    if (died(step) || this.interpreter.driverFaulted()) this.#ended = true;
    return answer;
  }
}
