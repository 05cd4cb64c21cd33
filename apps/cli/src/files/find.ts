/** The files that paths on the command line stand for. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FileError, fileError } from '../file-error';

/** JSON Lines, plain or gzip: what a folder is searched for. A file that is named itself is taken whatever its name. */
const SUFFIXES = ['.jsonl', '.jsonl.gz'];

/** The files of a path, in the order of their names. @throws FileError where there is none */
export function findFiles(path: string, current: string): string[] {
  const absolute = resolve(current, path);
  let isFolder: boolean;
  try {
    isFolder = statSync(absolute).isDirectory();
  } catch (error) {
    throw fileError(path, error);
  }
  if (!isFolder) return [path];
  const found = below(path, absolute);
  if (found.length > 0) return found;
  throw new FileError(path, `nothing to compare: no ${SUFFIXES.join(' or ')} file in this folder`);
}

function below(path: string, absolute: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(absolute, { withFileTypes: true });
  } catch (error) {
    throw fileError(path, error);
  }
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inside = [join(path, entry.name), join(absolute, entry.name)] as const;
      if (entry.isDirectory()) return below(...inside);
      return SUFFIXES.some((suffix) => entry.name.endsWith(suffix)) ? [inside[0]] : [];
    });
}

/** A file's bytes. @throws FileError */
export function readBytes(path: string, current: string): Uint8Array {
  try {
    return readFileSync(resolve(current, path));
  } catch (error) {
    throw fileError(path, error);
  }
}
