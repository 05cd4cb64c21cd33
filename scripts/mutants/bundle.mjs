/** Bundles a suite with the sources that it runs, one of them changed on the way: the tree stays as it is. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';

export const root = resolve(import.meta.dirname, '../..');

/**
 * @param entry path of the suite
 * @param outfile where the bundle is written
 * @param change null, or the source `file` (relative to the root) and what `edit` makes of its text
 */
export async function bundleSuite(entry, outfile, change) {
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@iommu-lab/source'],
    absWorkingDir: root,
    outfile,
    logLevel: 'error',
    plugins: change === null ? [] : [editPlugin(resolve(root, change.file), change.edit)],
  });
}

function editPlugin(file, edit) {
  return {
    name: 'edit',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== file) return undefined;
        return { contents: edit(await readFile(path, 'utf8')), loader: 'ts' };
      });
    },
  };
}

/** Does `work` for all items, at most `most` at a time. The results are in the order of the items. */
export async function inParallel(items, most, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]);
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}
