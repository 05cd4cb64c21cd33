/**
 * Generates the documents that come from runs, or with --check says which of them are not current.
 *
 *   node scripts/docs/run.mjs [--check]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const check = process.argv.includes('--check');

// Beside the script, so that the bundle finds the TypeScript compiler, which is not bundled.
const folder = await mkdtemp(join(import.meta.dirname, '.bundle-'));
try {
  const outfile = join(folder, 'side-by-side.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'side-by-side.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@iommu-lab/source'],
    external: ['typescript'],
    absWorkingDir: root,
    outfile,
    logLevel: 'error',
  });
  const { sideBySide } = await import(pathToFileURL(outfile).href);
  await keep('docs/side-by-side.md', await sideBySide(root));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function keep(path, text) {
  const file = join(root, path);
  const present = await readFile(file, 'utf8').catch(() => '');
  if (present === text) return;
  if (check) {
    console.error(`${path} is not current: run pnpm docs:generate and commit it`);
    process.exitCode = 1;
    return;
  }
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}
