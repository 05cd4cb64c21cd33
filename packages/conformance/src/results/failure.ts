/** What did not come out as expected, and what was not run: the parts that all reports share. */
import * as v from 'valibot';
import { count, name } from '../grammar/values';

export const failureSchema = v.strictObject({
  /** The case, vector or group. */
  id: name,
  /** Absent where no variant takes part, as with vectors. */
  variant: v.exactOptional(name),
  /** The step's number in its case, from 0. */
  step: v.exactOptional(count),
  /** Any JSON value; null where there is none. */
  expected: v.unknown(),
  actual: v.unknown(),
});

export const skipSchema = v.strictObject({
  id: name,
  variant: v.exactOptional(name),
  reason: name,
});

export type Failure = v.InferOutput<typeof failureSchema>;
export type Skip = v.InferOutput<typeof skipSchema>;
