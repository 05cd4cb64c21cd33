/** How wide a line may be, and breaking text so that it fits. */
import type { Io } from '../io';

/** Narrower than this, tables would have to lose columns; such a terminal breaks the lines itself. */
const NARROWEST = 80;

/** Characters in a line of standard output: the terminal's, `COLUMNS`, or 80. Never below 80. */
export function widthOf(io: Io): number {
  const asked = Number.parseInt(io.environment.COLUMNS ?? '', 10);
  const width = io.stdout.columns ?? (Number.isNaN(asked) ? NARROWEST : asked);
  return Math.max(width, NARROWEST);
}

/**
 * Breaks a line at blanks, and inside a word where the word alone is too long. Lines after the first begin with
 * `hanging` blanks. The text holds no colour. Precondition: `hanging` is below `width`.
 */
export function wrap(text: string, width: number, hanging = 0): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const indented = lines.length === 0 ? (/^ */.exec(rest)?.[0].length ?? 0) : hanging;
    const end = breakAt(rest, indented, width);
    lines.push(rest.slice(0, end).trimEnd());
    rest = ' '.repeat(hanging) + rest.slice(end).trimStart();
  }
  lines.push(rest);
  return lines;
}

/** Where to break: at the last blank; else after the last punctuation; else where the line ends. */
function breakAt(line: string, indented: number, width: number): number {
  const blank = line.lastIndexOf(' ', width);
  if (blank > indented) return blank;
  for (let end = width; end > indented + 1; end--) {
    if (/[(,#./:_-]/.test(line[end - 1] as string)) return end;
  }
  return width;
}
