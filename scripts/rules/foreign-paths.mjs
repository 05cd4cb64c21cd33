/** Nothing in the repository names a place outside it: what is needed is copied in, with its origin. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Joined here, so that this file does not break its own rule.
const FOREIGN = [
  ['..', 'shared'].join('/'),
  ['', 'work', ''].join('/'),
  ['', 'library'].join('.'),
  ['', 'tmp', 'brief'].join('/'),
];

/** Lines of any text file that name a path outside the repository. */
export function foreignPaths(root, files) {
  const found = [];
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    // A NUL byte: no text file.
    if (!FOREIGN.some((path) => text.includes(path)) || text.includes('\0')) continue;
    text.split('\n').forEach((content, index) => {
      const path = FOREIGN.find((candidate) => content.includes(candidate));
      if (path === undefined) return;
      found.push({ file, line: index + 1, message: `names ${path}, which is outside the repository` });
    });
  }
  return found;
}
