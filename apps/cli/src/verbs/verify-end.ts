/** How every `verify` ends: the report, what could not be read, the exit status. */
import type { VerifyReport } from '@iommu-lab/conformance';
import { COULD_NOT_LOAD, DOES_NOT_HOLD, type ExitStatus, HOLDS } from '../exit-status';
import type { Refused } from '../files/load';
import type { Io } from '../io';

export interface VerifyEnd {
  readonly io: Io;
  readonly json: boolean;
  readonly report: VerifyReport;
  readonly refused: readonly Refused[];
  /** What was read and could not be used, one line each; it is among the skips. */
  readonly unusable: readonly string[];
  /** The report in words. */
  text(): string;
}

/** Prints the report and, on standard error, one line for each file or case that could not be used. */
export function finishVerify({ io, json, report, refused, unusable, text }: VerifyEnd): ExitStatus {
  if (json) {
    const unread = refused.map(({ path, message }) => ({ id: path, reason: message }));
    io.stdout.write(`${JSON.stringify({ ...report, skips: [...report.skips, ...unread] }, null, 2)}\n`);
  } else if (report.total > 0) io.stdout.write(text());
  const complaints = [...refused.map(({ message }) => message), ...unusable];
  for (const line of complaints) io.stderr.write(`iommu-lab: ${line}\n`);
  if (complaints.length > 0) return COULD_NOT_LOAD;
  return verifyHolds(report) ? HOLDS : DOES_NOT_HOLD;
}

/** Whether something was compared and nothing differs. */
function verifyHolds(report: VerifyReport): boolean {
  return report.passed > 0 && report.failed === 0 && report.failures.length === 0;
}
