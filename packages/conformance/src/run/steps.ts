/**
 * What each operation of the grammar does: the one table for ordinary runs and for the threads of a search. Steps are
 * data; which operations there are is the grammar's table, what each does is one function in operations/.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Task } from '@iommu-lab/vfio';
import type { OperationName } from '../grammar/operations';
import type { GivenNames, Step, WorkloadStep } from '../grammar/step';
import type { StepAnswer } from '../trace/compare';
import type { Context } from './context';
import type { CaseHandler, Handler, Handlers } from './handlers';
import { containerHandlers } from './operations/container';
import { deviceHandlers } from './operations/device';
import { deviceAccessHandlers } from './operations/device-access';
import { eduHandlers } from './operations/edu';
import { faultHandlers, moduleHandlers } from './operations/faults-and-modules';
import { fileHandlers } from './operations/files';
import { groupHandlers } from './operations/group';
import { inKernelHandlers } from './operations/in-kernel';
import { memoryHandlers } from './operations/memory';
import { frameHandlers, observationHandlers } from './operations/observations';
import { portHandlers } from './operations/port';
import { familyHandlers, processHandlers } from './operations/process';
import { laterHandlers, sysfsHandlers } from './operations/sysfs';
import { trafficHandlers } from './operations/traffic';

const CASE_HANDLERS = {
  ...faultHandlers,
  ...frameHandlers,
  ...familyHandlers,
  ...laterHandlers,
  ...trafficHandlers,
};

/** Operations that only a case can perform, between its calls. */
type CaseOperation = keyof typeof CASE_HANDLERS;

const HANDLERS: Handlers<Exclude<OperationName, CaseOperation>> = {
  ...containerHandlers,
  ...deviceAccessHandlers,
  ...deviceHandlers,
  ...eduHandlers,
  ...fileHandlers,
  ...groupHandlers,
  ...inKernelHandlers,
  ...memoryHandlers,
  ...moduleHandlers,
  ...observationHandlers,
  ...portHandlers,
  ...processHandlers,
  ...sysfsHandlers,
};

/** Whether an operation is kernel code, which a thread of a search can run. */
export function canBeThread(operation: OperationName): boolean {
  return Object.hasOwn(HANDLERS, operation);
}

/** Whether steps of this operation can be performed. */
export function canPerform(operation: OperationName): boolean {
  return canBeThread(operation) || Object.hasOwn(CASE_HANDLERS, operation);
}

/** One step as kernel code that answers it. Precondition: `canBeThread` of its operation. */
export function stepCode(context: Context, step: Step | WorkloadStep): Op<StepAnswer> {
  const handler = (HANDLERS as unknown as Record<string, Handler<OperationName>>)[step.op];
  if (handler === undefined) throw new TypeError(`${step.op} is no kernel code`);
  return handler(context, step.args, (step.out ?? {}) as GivenNames);
}

/** Performs a step that no thread can. Precondition: `canPerform` and not `canBeThread` of its operation. */
export function performCaseStep(context: Context, step: Step): StepAnswer {
  const handler = (CASE_HANDLERS as unknown as Record<string, CaseHandler<OperationName>>)[step.op];
  if (handler === undefined) throw new TypeError(`${step.op} cannot be performed`);
  return handler(context, step.args);
}

/** Whose process performs the step: a root shell what an administrator does, the running program everything else. */
export function taskOf(context: Context, { op }: { readonly op: OperationName }): Task {
  const byShell =
    op === 'device' || op === 'param.write' || (op.startsWith('sysfs.') && op !== 'sysfs.bar.mmap');
  return byShell ? context.system.sysfs.shell : context.task;
}
