/** Prints the events of an execution, one a line, with a column for each fiber. */
import type { RecordedEvent } from './recording';

/** Which events are shown: `steps` the scheduling points, `all` calls, returns and guarded accesses too. */
export type Detail = 'steps' | 'all';

const NUMBER_WIDTH = 4;
const GAP = '  ';

/** The lines, none longer than `width` characters where that leaves 12 for each thread. */
export function columns(
  threads: readonly string[],
  events: readonly RecordedEvent[],
  width: number,
  detail: Detail = 'steps',
): string[] {
  const available = width - NUMBER_WIDTH - GAP.length * threads.length;
  const columnWidth = Math.max(12, Math.floor(available / threads.length));
  const line = (number: string, thread: string, text: string) => {
    const index = threads.indexOf(thread);
    const before = (' '.repeat(columnWidth) + GAP).repeat(Math.max(0, index));
    return `${number.padStart(NUMBER_WIDTH)}${GAP}${before}${shortened(text, columnWidth)}`.trimEnd();
  };
  const head = threads.map((thread) => shortened(thread, columnWidth).padEnd(columnWidth)).join(GAP);
  const lines = [`${'step'.padStart(NUMBER_WIDTH)}${GAP}${head}`.trimEnd()];
  for (const event of events) {
    if (detail === 'steps' && event.kind !== 'operation') continue;
    lines.push(line(event.kind === 'operation' ? String(event.at) : '', event.fiber, textOf(event)));
  }
  return lines;
}

function textOf(event: RecordedEvent): string {
  const { kind, name, target, detail, result } = event;
  const answer = result === '' || result === 'undefined' ? '' : ` = ${result}`;
  if (kind === 'call') return `${name}(${target})`;
  if (kind === 'return') return `${name} returns${answer}`;
  return `${name} ${target}${detail === '' ? '' : ` ${detail}`}${answer}`;
}

/** Cuts in the middle: both the operation and the end of a label say something. */
function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
