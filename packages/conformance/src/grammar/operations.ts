/**
 * The table of operations: every word of the trace grammar, from the system calls that recordings hold to what our own
 * workloads add.
 */
import type * as v from 'valibot';
import { containerOperations } from './families/container-ioctls';
import { deviceAccessOperations } from './families/device-access';
import { deviceOperations } from './families/device-ioctls';
import { eduOperations } from './families/edu';
import { faultAndModuleOperations } from './families/faults-and-modules';
import { fileOperations } from './families/files';
import { groupOperations } from './families/group-ioctls';
import { inKernelOperations } from './families/in-kernel';
import { memoryOperations } from './families/memory';
import { observationOperations } from './families/observations';
import { portOperations } from './families/port';
import { processOperations } from './families/process';
import { sysfsOperations } from './families/sysfs';

export const operations = {
  ...fileOperations,
  ...containerOperations,
  ...groupOperations,
  ...deviceOperations,
  ...deviceAccessOperations,
  ...memoryOperations,
  ...eduOperations,
  ...sysfsOperations,
  ...processOperations,
  ...observationOperations,
  ...faultAndModuleOperations,
  ...inKernelOperations,
  ...portOperations,
};

export type OperationName = keyof typeof operations;

/** The arguments of one operation. */
export type ArgsOf<N extends OperationName> = v.InferOutput<(typeof operations)[N]['args']>;

/** What one operation may write back. */
export type OutOf<N extends OperationName> = v.InferOutput<(typeof operations)[N]['out']>;

/** Whether the grammar has an operation of this name. */
export function isOperationName(value: unknown): value is OperationName {
  return typeof value === 'string' && Object.hasOwn(operations, value);
}
