/** Bundles a suite with the sources that it runs, some of them changed on the way: the tree stays as it is. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { build } from 'esbuild';

export const root = resolve(import.meta.dirname, '../..');

/**
 * @param entry path of the suite
 * @param outfile where the bundle is written
 * @param changes sources by `file` (relative to the root), each once, and what `edit` makes of their text
 */
export async function bundleSuite(entry, outfile, changes) {
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
    plugins: changes.map(({ file, edit }) => editPlugin(resolve(root, file), edit)),
  });
}

/** The text with patches applied. @throws Error where one does not fit; `what` says whose they are */
export function patched(text, patches, what) {
  return patches.reduce((before, { find, replace }) => {
    if (before.split(find).length !== 2)
      throw new Error(`${what}: its text must occur exactly once: ${find}`);
    return before.replace(find, () => replace);
  }, text);
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

/** Does `work` for all items, at most two at a time. The results are in the order of the items. */
export async function inParallel(items, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return results;
}
