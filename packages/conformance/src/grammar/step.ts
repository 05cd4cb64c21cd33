/**
 * A step: one operation with its arguments and, where there is an expectation, what it answers.
 *
 * `Step` is a union over the operations, discriminated by `op`. `ret` is the system call's; null where the call never
 * came back. Calls that return a descriptor show 0 and name it in `out.handle`.
 */
import type { Errno } from '@iommu-lab/core';
import type { ArgsOf, OperationName, OutOf } from './operations';

/** What is expected of a step; an absent field is not compared. */
export interface Expectation {
  readonly ret?: number | null;
  readonly errno?: Errno | null;
  readonly out?: Readonly<Record<string, unknown>>;
}

/** The step of one operation. */
export type StepOf<N extends OperationName> = N extends OperationName
  ? {
      readonly op: N;
      readonly args: ArgsOf<N>;
      readonly ret?: number | null;
      readonly errno?: Errno | null;
      readonly out?: OutOf<N>;
    }
  : never;

export type Step = StepOf<OperationName>;

/** In a workload `out` holds only the names that the step gives. */
export interface GivenNames {
  readonly handle?: string;
  readonly id?: string;
}

/** The step of one operation in a workload: no expectations. */
export type WorkloadStepOf<N extends OperationName> = N extends OperationName
  ? { readonly op: N; readonly args: ArgsOf<N>; readonly out?: GivenNames }
  : never;

export type WorkloadStep = WorkloadStepOf<OperationName>;
