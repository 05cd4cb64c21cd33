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
  let line = '';
  for (const part of partsOf(command)) {
    const extended = line === '' ? ' '.repeat(indent) + part : `${line} ${part}`;
    if (line !== '' && extended.length + CONTINUED.length > width) {
      lines.push(line + CONTINUED);
      line = ' '.repeat(indent + 4) + part;
    } else line = extended;
  }
  return [...lines, line];
}

const CONTINUED = ' \\';

/** The words of a command; an option and its value stay together. */
function partsOf(command: string): string[] {
  return command.split(/ (?=--)/).flatMap((part) => (part.startsWith('--') ? [part] : part.split(' ')));
}

/** An argument as a shell takes it for itself. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
