/** Data that a run makes and that is committed: written with --write, compared with --check. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/**
 * @param path of the file from the root
 * @param results what this run made: all of the file with --write, some of it with --check
 * @param idOf what a result is of: those of the file that are of something else are not compared
 * @returns false where --check finds the file not current, which is said
 */
export async function keepCommitted(argv, { path, results, idOf, command }) {
  const file = join(root, path);
  if (argv.includes('--write')) await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  if (!argv.includes('--check')) return true;
  const ids = new Set(results.map(idOf));
  const present = JSON.parse(await readFile(file, 'utf8')).filter((one) => ids.has(idOf(one)));
  if (JSON.stringify(present) === JSON.stringify(results)) return true;
  console.error(`${path} is not current: run npm run ${command} -- --write`);
  return false;
}
