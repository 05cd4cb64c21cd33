/** Data that a run makes and that is committed: written with --write, compared with --check. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/**
 * @param path of the file from the root
 * @param results what this run made, in the order of ids, which is that of the file
 * @param whole whether that is all: then the file holds nothing else. A part leaves the results of others as they are.
 * @param idOf what a result is of
 * @returns false where --check finds the file not current, which is said
 */
export async function keepCommitted(argv, { path, results, whole, idOf, command }) {
  const file = join(root, path);
  const ids = new Set(results.map(idOf));
  const present = JSON.parse(await readFile(file, 'utf8'));
  if (argv.includes('--write')) {
    const others = whole ? [] : present.filter((one) => !ids.has(idOf(one)));
    const all = [...others, ...results].sort((one, other) =>
      idOf(one) < idOf(other) ? -1 : Number(idOf(one) > idOf(other)),
    );
    await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
  }
  if (!argv.includes('--check')) return true;
  const compared = whole ? present : present.filter((one) => ids.has(idOf(one)));
  if (JSON.stringify(compared) === JSON.stringify(results)) return true;
  console.error(`${path} is not current: run npm run ${command} -- --write`);
  return false;
}
