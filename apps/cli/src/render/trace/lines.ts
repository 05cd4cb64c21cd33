/**
 * The events of one step as lines: calls of kernel functions with what they return, locks, references, waits, frees
 * and what the hardware was told. Loads and stores of the kernel's own memory are left out.
 */
import type { TraceEvent } from '@iommu-lab/explorer';

export type LineKind = 'call' | 'lock' | 'reference' | 'hardware' | 'other';

export interface EventLine {
  readonly kind: LineKind;
  /** How many kernel functions surround it. */
  readonly depth: number;
  readonly text: string;
}

const LEFT_OUT: ReadonlySet<string> = new Set(['load', 'store']);
const LOCKS = /^(?:mutex_|down_|up_|spin_)/;
const REFERENCES: ReadonlySet<string> = new Set(['get', 'try_get', 'put']);

/** The lines of a step's events. A call that does not return within the step says so. */
export function eventLines(events: readonly TraceEvent[]): EventLine[] {
  const lines: { kind: LineKind; depth: number; text: string; open: boolean }[] = [];
  const open: { event: TraceEvent; line: number }[] = [];
  for (const event of events) {
    if (event.kind === 'call') {
      open.push({ event, line: lines.length });
      lines.push({ kind: 'call', depth: event.depth, text: callText(event), open: true });
    } else if (event.kind === 'return') {
      const at = open.findLastIndex(
        ({ event: call }) => call.fiber === event.fiber && call.name === event.name,
      );
      const [call] = at < 0 ? [] : open.splice(at, 1);
      const line = call === undefined ? undefined : lines[call.line];
      if (line !== undefined) {
        line.open = false;
        if (event.result !== '') line.text += ` = ${event.result}`;
      }
    } else if (!LEFT_OUT.has(event.name)) {
      lines.push({ kind: kindOf(event.name), depth: event.depth, text: operationText(event), open: false });
    }
  }
  return lines.map(({ kind, depth, text, open: unreturned }) => ({
    kind,
    depth,
    text: unreturned ? `${text} does not return` : text,
  }));
}

function callText({ name, target }: TraceEvent): string {
  return `${withoutEra(name)}(${target})`;
}

function operationText({ name, target, detail, result }: TraceEvent): string {
  const words = [name, target, detail].filter((word) => word !== '').join(' ');
  return words + operationAnswer(name, result);
}

/** What an operation answers, where that is not just that it was done. */
function operationAnswer(name: string, result: string): string {
  if (name === 'put') return result === 'true' ? ' (the last)' : '';
  if (result === 'false') return ' fails';
  const done = result === '' || result === 'true' || (result === '0' && name.startsWith('hw.invalidate_'));
  return done ? '' : ` = ${result}`;
}

function kindOf(name: string): LineKind {
  if (LOCKS.test(name)) return 'lock';
  if (REFERENCES.has(name)) return 'reference';
  return name.startsWith('hw.') ? 'hardware' : 'other';
}

/** The era is the same in the whole trace and stands above it. */
function withoutEra(name: string): string {
  return name.split('@')[0] ?? name;
}

/** Equal lines that follow each other, as one that says how many. */
export function folded(lines: readonly EventLine[]): EventLine[] {
  const result: { line: EventLine; times: number }[] = [];
  for (const line of lines) {
    const last = result.at(-1);
    if (last !== undefined && last.line.text === line.text && last.line.depth === line.depth) last.times++;
    else result.push({ line, times: 1 });
  }
  return result.map(({ line, times }) =>
    times === 1 ? line : { ...line, text: `${line.text} (${times} times)` },
  );
}
