/** Reads the steps of traces, cases and workloads: first the operation, then its arguments and its outs. */
import * as v from 'valibot';
import { InputError, type InputPlace } from '../input-error';
import { isOperationName, type OperationName, operations } from './operations';
import { parseArgs, parseAs } from './parse-as';
import type { Step, WorkloadStep } from './step';
import { count, errno, integer, name } from './values';

export const answer = { ret: v.nullable(integer), errno: v.nullable(errno) };

const caseStep = v.strictObject({
  op: v.unknown(),
  args: v.unknown(),
  ret: v.exactOptional(answer.ret),
  errno: v.exactOptional(answer.errno),
  out: v.exactOptional(v.unknown()),
});

export const givenNames = v.strictObject({ handle: v.exactOptional(name), id: v.exactOptional(name) });

const workloadStep = v.strictObject({ op: v.unknown(), args: v.unknown(), out: v.exactOptional(givenNames) });

/** The envelope of a recorded line: everything but `out` is there in every line. */
export const traceEnvelope = v.strictObject({
  case: name,
  step: count,
  op: v.unknown(),
  args: v.unknown(),
  ...answer,
  out: v.exactOptional(v.unknown()),
});

/** A step with expectations. `prefix` is the field that it is (`steps[3]`), `` for a whole line. */
export function parseStep(input: unknown, place: InputPlace, prefix: string): Step {
  return typedStep(parseAs(caseStep, input, place, prefix), place, prefix);
}

/** A step of a workload: no expectations, only the names that it gives. */
export function parseWorkloadStep(input: unknown, place: InputPlace, prefix: string): WorkloadStep {
  const { op, args, out } = parseAs(workloadStep, input, place, prefix);
  const operation = knownOperation(op, place, prefix);
  const checked = parseArgs(operations[operation].args, args, place, field(prefix, 'args'));
  // That the arguments are those of the operation was just checked; the union cannot express it.
  return { op: operation, args: checked, ...(out === undefined ? {} : { out }) } as WorkloadStep;
}

/** The step in an envelope whose operation, arguments and outs are still unchecked. */
export function typedStep(envelope: v.InferOutput<typeof caseStep>, place: InputPlace, prefix: string): Step {
  const { op, args, ret, errno: error, out } = envelope;
  const operation = knownOperation(op, place, prefix);
  checkErrno(ret, error, place, prefix);
  const table = operations[operation];
  return {
    op: operation,
    args: parseArgs(table.args, args, place, field(prefix, 'args')),
    ...(ret === undefined ? {} : { ret }),
    ...(error === undefined ? {} : { errno: error }),
    ...(out === undefined ? {} : { out: parseAs(table.out, out, place, field(prefix, 'out')) }),
    // As above: args and out were checked against this operation's schemas.
  } as Step;
}

/** A failed system call returns -1 and has an errno, and no other does. */
function checkErrno(
  ret: number | null | undefined,
  error: string | null | undefined,
  place: InputPlace,
  prefix: string,
): void {
  if (ret === undefined || error === undefined) return;
  if (ret === -1 && error === null) {
    throw new InputError('expected an errno name like "EINVAL" beside ret -1, got null', {
      ...place,
      field: field(prefix, 'errno'),
    });
  }
  if (ret !== -1 && error !== null) {
    throw new InputError(`expected null beside ret ${ret}, got "${error}"`, {
      ...place,
      field: field(prefix, 'errno'),
    });
  }
}

function knownOperation(op: unknown, place: InputPlace, prefix: string): OperationName {
  if (isOperationName(op)) return op;
  const what = typeof op === 'string' ? `unknown operation "${op}"` : 'expected the name of an operation';
  throw new InputError(what, { ...place, field: field(prefix, 'op') });
}

function field(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
