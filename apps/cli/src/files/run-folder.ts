/**
 * The folder that `compare` writes. results.json is the one source; the other files are made from it and from nothing
 * else.
 */
import { resolve } from 'node:path';
import { junit, type Results } from '@iommu-lab/conformance';
import { page } from '../report/page';
import { makeFolder, writeWhole } from './write';

/** Where it is without `--out`, in the current folder. */
export const DEFAULT_RUN_FOLDER = 'iommu-lab-run';

/** Makes the folder, before the work that is to fill it. `path` is as the user gave it. @throws FileError */
export function prepareRunFolder(path: string | undefined, current: string): string {
  const folder = resolve(current, path ?? DEFAULT_RUN_FOLDER);
  makeFolder(folder);
  // A folder that nobody asked for must not show up in the version control of where it happens to be.
  if (path === undefined) writeWhole(folder, '.gitignore', '*\n');
  return folder;
}

/** Writes the files of a run, the source first. @throws FileError */
export function writeRun(folder: string, results: Results): void {
  writeWhole(folder, 'results.json', resultsText(results));
  writeWhole(folder, 'junit.xml', junit(results));
  writeWhole(folder, 'report.html', page(results));
}

/** results.json. */
export function resultsText(results: Results): string {
  return `${JSON.stringify(results, null, 2)}\n`;
}
