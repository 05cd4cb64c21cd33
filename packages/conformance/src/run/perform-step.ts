/** Performs a step in an ordinary run: one call of the kernel, or what only a case can do. */
import type { Step } from '../grammar/step';
import type { StepAnswer } from '../trace/compare';
import { type Context, cameTo } from './context';
import { driverAfterwards } from './operations/sysfs';
import { canBeThread, performCaseStep, stepCode, taskOf } from './steps';

/**
 * The step's answer. One that was started with `async` stays in `context.pending` until a later step asks for it.
 * @throws TypeError where the case itself is wrong, as with a name that nothing gave.
 */
export function performStep(context: Context, step: Step): StepAnswer {
  if (!canBeThread(step.op)) return performCaseStep(context, step);
  const { kernel } = context.system;
  const result = kernel.call(step.op, () => stepCode(context, step), taskOf(context, step));
  if ('async' in step.args && step.args.async === true) {
    context.pending.set(`${step.op} ${step.args.dev}`, result);
    return { ret: 0, errno: null, out: { blocked: result.status === 'blocked' } };
  }
  if (result.status === 'returned' || step.op !== 'sysfs.bind') return cameTo(result);
  return { ...cameTo(result), out: driverAfterwards(context, step.args.dev) };
}
