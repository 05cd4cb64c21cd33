/**
 * The shape of a step's implementation. Most steps are kernel code: performed at once in an ordinary run, one operation
 * after the other in a thread of a search. A few only the case itself can perform.
 */
import type { Op } from '@iommu-lab/explorer';
import type { ArgsOf, OperationName } from '../grammar/operations';
import type { GivenNames } from '../grammar/step';
import type { StepAnswer } from '../trace/compare';
import type { Context } from './context';

/** One operation as kernel code. `names` are what the step gives its handle or id. */
export type Handler<N extends OperationName> = (
  context: Context,
  args: ArgsOf<N>,
  names: GivenNames,
) => Op<StepAnswer>;

export type Handlers<N extends OperationName> = { readonly [K in N]: Handler<K> };

/** An operation that moves time, ends waits, changes who runs or makes later calls fail: no thread can do that. */
export type CaseHandler<N extends OperationName> = (context: Context, args: ArgsOf<N>) => StepAnswer;

export type CaseHandlers<N extends OperationName> = { readonly [K in N]: CaseHandler<K> };
