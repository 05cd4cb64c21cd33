/** What `verify --json` prints: the model held against recorded reality. */
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { count } from '../grammar/values';
import { InputError } from '../input-error';
import { failureSchema, skipSchema } from './failure';

export const verifyReportSchema = v.strictObject({
  kind: v.picklist(['vectors', 'traces', 'groups']),
  /** Steps for traces, once a variant; cases for vectors; groups for groups. */
  total: count,
  passed: count,
  failed: count,
  skipped: count,
  failures: v.array(failureSchema),
  skips: v.array(skipSchema),
});

export type VerifyReport = v.InferOutput<typeof verifyReportSchema>;

/** The report that the JSON value describes. Throws `InputError`, also where the counts do not add up. */
export function parseVerifyReport(json: unknown, source: string): VerifyReport {
  const report = parseAs(verifyReportSchema, json, { source });
  const sum = report.passed + report.failed + report.skipped;
  if (sum === report.total) return report;
  throw new InputError(`expected passed + failed + skipped = ${sum}, got ${report.total}`, {
    source,
    field: 'total',
  });
}
