/** The shape of a step's implementation, and the table of all of them. */
import type { ArgsOf, OperationName } from '../grammar/operations';
import type { GivenNames } from '../grammar/step';
import type { StepAnswer } from '../trace/compare';
import type { Context } from './context';

/** Performs one operation. `names` are what the step gives its handle or id. */
export type Handler<N extends OperationName> = (
  context: Context,
  args: ArgsOf<N>,
  names: GivenNames,
) => StepAnswer;

export type Handlers<N extends OperationName> = { readonly [K in N]: Handler<K> };
