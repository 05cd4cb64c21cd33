/**
 * The published documents as whole schemas: what JSON Schema in schema/ is generated from.
 *
 * The readers do not use these for steps: they look the operation up first, for a message that speaks of that
 * operation alone. A test holds the two against each other.
 */
import * as v from 'valibot';
import { exploreReportSchema } from '../results/explore-report';
import { resultsSchema } from '../results/results';
import { trafficReportSchema } from '../results/traffic';
import { verifyReportSchema } from '../results/verify-report';
import { canBeThread } from '../run/steps';
import { scenarioSchema } from '../scenario/scenario';
import { caseHead } from './case';
import type { ArgsSchema } from './operation';
import { type OperationName, operations } from './operations';
import { answer, givenNames } from './parse-step';
import { profileSchema } from './profile';
import { count, name } from './values';
import { head } from './workload';

export type DocumentName =
  | 'trace-line'
  | 'case'
  | 'workload'
  | 'scenario'
  | 'profile'
  | 'results'
  | 'verify-report'
  | 'explore-report'
  | 'traffic-report';

type Operations = typeof operations;
type Op = v.LiteralSchema<string, undefined>;
type StepEntries = v.ObjectEntries & { readonly op: Op };

const traceLine = union((op, operation) => ({
  case: name,
  step: count,
  op,
  args: operation.args,
  ...answer,
  out: v.exactOptional(operation.out),
}));

const caseStep = union((op, operation) => ({
  op,
  args: operation.args,
  ret: v.exactOptional(answer.ret),
  errno: v.exactOptional(answer.errno),
  out: v.exactOptional(operation.out),
}));

const workloadStep = union((op, operation) => ({
  op,
  args: operation.args,
  out: v.exactOptional(givenNames),
}));

/** What a thread of a scenario can do. */
const threadStep = v.variant(
  'op',
  Object.entries(operations)
    .filter(([op]) => canBeThread(op as OperationName))
    .map(([op, { args }]) =>
      v.strictObject({ op: v.literal(op), args: withoutAsync(args), out: v.exactOptional(givenNames) }),
    ),
);

/** The schemas by the name of their file in schema/. */
export const documentSchemas: Readonly<Record<DocumentName, v.GenericSchema>> = {
  'trace-line': traceLine,
  case: v.strictObject({ ...caseHead, steps: v.array(caseStep) }),
  workload: v.strictObject({ ...head, steps: v.array(workloadStep) }),
  scenario: scenarioSchema(caseStep, threadStep),
  profile: profileSchema,
  results: resultsSchema,
  'verify-report': verifyReportSchema,
  'explore-report': exploreReportSchema,
  'traffic-report': trafficReportSchema,
};

/** One strict object for each operation. */
function union(entries: (op: Op, operation: Operations[keyof Operations]) => StepEntries): v.GenericSchema {
  const forms = Object.entries(operations).map(([op, operation]) =>
    v.strictObject(entries(v.literal(op), operation)),
  );
  return v.variant('op', forms);
}

/** A thread waits by itself: the argument that starts a call aside is none of its own. */
function withoutAsync(args: ArgsSchema): ArgsSchema {
  if (args.type !== 'strict_object' || !('async' in args.entries)) return args;
  const { async: _, ...entries } = args.entries;
  return v.strictObject(entries);
}
