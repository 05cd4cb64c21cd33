/** Length of files. The length of functions is Biome's noExcessiveLinesPerFunction. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isModule } from './sources.mjs';

const MOST_LINES = 400;
/** A variant is read whole, beside another one. */
const MOST_LINES_OF_A_VARIANT = 149;
const VARIANT = /^packages\/api-[^/]+\/src\/variants\/[^/]+\.ts$/;

/** Modules that are too long. */
export function fileLength(root, files) {
  const found = [];
  for (const file of files.filter(isModule)) {
    const most = VARIANT.test(file) ? MOST_LINES_OF_A_VARIANT : MOST_LINES;
    const lines = readFileSync(join(root, file), 'utf8').replace(/\n$/, '').split('\n').length;
    if (lines > most) found.push({ file, line: most + 1, message: `${lines} lines, at most ${most} here` });
  }
  return found;
}
