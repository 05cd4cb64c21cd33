/** The commands that show one difference again. */
import type { Difference } from './differences';

/** The case on the first variant that differs, call by call. */
export function repeatTrace(one: Difference): string {
  const [variant] = one.variants;
  return `iommu-lab trace ${one.id}${variant === undefined ? '' : ` --variant ${variant}`}`;
}

/** A command over several lines where it is too long for one: each but the last ends so that a shell goes on. */
export function commandLines(command: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of command.split(' ')) {
    if (!empty && line.length + 1 + word.length + 2 > width) {
      lines.push(`${line} \\`);
      line = ' '.repeat(indent + 4);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** An argument as a shell takes it for itself. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
