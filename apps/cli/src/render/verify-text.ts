/** What `verify` prints: a row a design, what differs, what was skipped, one line at the end. */
import type { VerifyReport } from '@iommu-lab/conformance';
import type { Io } from '../io';
import { coloursOf } from '../terminal/colours';
import { widthOf } from '../terminal/width';
import { differenceLines, skipLines } from './difference-lines';
import { shellWord } from './repeat';
import { counted, differ } from './tally-text';
import { type Column, textTable } from './text-table';

export interface VariantReport {
  /** Null where no design takes part. */
  readonly variant: string | null;
  readonly report: VerifyReport;
  /** Steps that passed though they differ, as the design declares. */
  readonly declared: number;
}

export interface VerifyContext {
  readonly files: number;
  operationOf(id: string, step: number): string | undefined;
  /** The words of the command that repeats a case on a design. */
  repeat(id: string, variant: string | undefined): readonly string[];
}

const MOST_DIFFERENCES = 10;

const UNITS = { traces: 'step', vectors: 'vector', groups: 'group' } as const;

/** The whole text. Precondition: there is at least one report. */
export function verifyText(reports: readonly VariantReport[], io: Io, context: VerifyContext): string {
  const width = widthOf(io);
  const colours = coloursOf(io);
  const kind = reports[0]?.report.kind ?? 'traces';
  const total = addReports(
    kind,
    reports.map(({ report }) => report),
  );
  const different = differenceLines(total.failures, {
    width,
    colours,
    most: MOST_DIFFERENCES,
    operationOf: context.operationOf,
    repeat: ({ id, variants }) => context.repeat(id, variants[0]).map(shellWordOrVerb).join(' '),
  });
  const declared = reports.reduce((sum, one) => sum + one.declared, 0);
  const holds = total.failed === 0 && total.passed > 0;
  const end = `${counted(context.files, 'file')}, ${counted(total.total, UNITS[kind])}: ${endText(total, declared)}`;
  const parts = [
    reports.some(({ variant }) => variant !== null) ? variantTable(reports) : [],
    different,
    skipLines(total.skips, width),
    [holds ? colours.green(`holds: ${end}`) : colours.red(`does not hold: ${end}`)],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** The command's own words hold blanks and are no single arguments. */
function shellWordOrVerb(word: string): string {
  return word.startsWith('iommu-lab ') ? word : shellWord(word);
}

function endText({ passed, failed, skipped }: VerifyReport, declared: number): string {
  if (passed + failed === 0) return 'nothing was compared';
  const skips = skipped === 0 ? '' : `, ${skipped} skipped`;
  const asDeclared = declared === 0 ? '' : `, ${declared} as declared`;
  return `${passed - declared} equal${asDeclared}, ${failed} ${differ(failed)}${skips}`;
}

function variantTable(reports: readonly VariantReport[]): string[] {
  const declares = reports.some(({ declared }) => declared > 0);
  const columns: Column[] = [
    { head: 'design', align: 'left' },
    ...['steps', 'equal', ...(declares ? ['declared'] : []), 'differ', 'skipped'].map((head) => ({
      head,
      align: 'right' as const,
    })),
  ];
  return textTable(
    columns,
    reports.map(({ variant, report, declared }) => {
      const passed = [report.passed - declared, ...(declares ? [declared] : [])];
      return [variant ?? '', ...[report.total, ...passed, report.failed, report.skipped].map(String)];
    }),
  );
}

/** All reports as one. */
export function addReports(kind: VerifyReport['kind'], reports: readonly VerifyReport[]): VerifyReport {
  const sum = (pick: (report: VerifyReport) => number) =>
    reports.reduce((total, report) => total + pick(report), 0);
  return {
    kind,
    total: sum((report) => report.total),
    passed: sum((report) => report.passed),
    failed: sum((report) => report.failed),
    skipped: sum((report) => report.skipped),
    failures: reports.flatMap((report) => report.failures),
    skips: reports.flatMap((report) => report.skips),
  };
}
