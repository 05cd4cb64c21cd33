/**
 * JUnit XML of a run: a suite for each variant, a test case for each workload. A workload of which a step differs
 * fails, one of which no step ran is skipped. There are no times: the model has no clock.
 */
import type { Failure } from './failure';
import type { Results, WorkloadResult } from './results';

type Cell = WorkloadResult['cells'][number];

interface TestCase {
  readonly workload: WorkloadResult;
  readonly cell: Cell;
}

/** The XML document, UTF-8, with a line break at its end. */
export function junit(results: Results): string {
  const suites = results.rows.map((row) => suite(row.variant, results));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="iommu-lab">',
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(variant: string, results: Results): string {
  const tests = results.byWorkload.flatMap((workload): TestCase[] =>
    workload.cells.filter((cell) => cell.variant === variant).map((cell) => ({ workload, cell })),
  );
  const failed = tests.filter(({ cell }) => cell.differing > 0).length;
  const skipped = tests.filter(({ cell }) => wasSkipped(cell)).length;
  const counts = `tests="${tests.length}" failures="${failed}" errors="0" skipped="${skipped}"`;
  return [
    `  <testsuite name="${escapeXml(variant)}" ${counts}>`,
    ...tests.map((test) => testCase(test, results)),
    '  </testsuite>',
  ].join('\n');
}

function testCase({ workload, cell }: TestCase, results: Results): string {
  const open = `    <testcase classname="${escapeXml(cell.variant)}" name="${escapeXml(workload.id)}"`;
  const isOurs = (each: { id: string; variant?: string }) =>
    each.id === workload.id && (each.variant === undefined || each.variant === cell.variant);
  if (cell.differing > 0) {
    const message = `${cell.differing} of ${cell.steps} steps differ`;
    const body = results.failures.filter(isOurs).map(failureText).join('\n');
    return `${open}>\n      <failure message="${message}">${escapeXml(body)}</failure>\n    </testcase>`;
  }
  if (!wasSkipped(cell)) return `${open}/>`;
  const reason = results.skips.filter(isOurs).map((skip) => skip.reason);
  return `${open}>\n      <skipped message="${escapeXml(reason.join('; '))}"/>\n    </testcase>`;
}

/** Nothing ran. A workload of which some steps ran and were equal has passed. */
function wasSkipped(cell: Cell): boolean {
  return cell.steps > 0 && cell.skipped === cell.steps;
}

function failureText({ step, expected, actual }: Failure): string {
  const where = step === undefined ? '' : `step ${step}: `;
  return `${where}expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Fit for text and attributes. Characters that XML 1.0 cannot hold become U+FFFD. */
function escapeXml(text: string): string {
  return [...text]
    .map((character) => (isXmlCharacter(character) ? (ENTITIES[character] ?? character) : '\ufffd'))
    .join('');
}

function isXmlCharacter(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd;
  return point <= 0xd7ff || (point >= 0xe000 && point !== 0xfffe && point !== 0xffff);
}
