/**
 * Generates the documents that come from runs, or with --check says which of them are not current.
 *
 *   node scripts/docs/run.mjs [--check]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { withBlock } from './block.mjs';

const root = resolve(import.meta.dirname, '../..');
const check = process.argv.includes('--check');

// Beside the script, so that the bundles find what is not bundled: the TypeScript compiler.
const folder = await mkdtemp(join(import.meta.dirname, '.bundle-'));
try {
  const { sideBySide, pair } = await load('side-by-side');
  const { table } = await load('table');
  const { thread } = await load('thread');
  const { surface } = await load('surface');
  await keep('docs/thread.md', thread());
  const { hazardsPage } = await load('hazards');
  await keep('docs/hazards.md', hazardsPage());
  await keep('docs/surface.md', surface());
  await keep('docs/side-by-side.md', await sideBySide(root));
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const { search } = await load('search');
  const blocks = { table: table(), search: search(), pair: await pair(root) };
  const current = Object.entries(blocks).reduce(
    (text, [name, block]) => withBlock(text, name, block),
    readme,
  );
  await keep('README.md', current);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A generator, bundled with the sources that it runs. */
async function load(name) {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@iommu-lab/source'],
    external: ['typescript'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    absWorkingDir: root,
    outfile,
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
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
