/** Writing files so that nobody ever sees half of one. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../file-error';

/** Makes the folder and those above it. @throws FileError */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Writes a file in a folder, in place of an older one of that name. @throws FileError */
export function writeWhole(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    throw fileError(path, error);
  }
}
