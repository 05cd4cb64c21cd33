/**
 * Compares the page table with the same algorithm in C, in one run: `node packages/core/bench/run.mjs [--json]`.
 *
 * Needs gcc. The TypeScript is bundled by the esbuild that tsup brings, so no build is needed first.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const esbuild = createRequire(require.resolve('tsup'))('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'iommu-lab-bench-'));

function runReference() {
  const binary = join(folder, 'reference');
  execFileSync('gcc', ['-O2', '-o', binary, join(here, 'reference.c')]);
  const lines = execFileSync(binary, { encoding: 'utf8' }).trim().split('\n');
  return new Map(
    lines.map((line) => line.split('\t')).map(([name, nanoseconds]) => [name, Number(nanoseconds)]),
  );
}

try {
  const bundle = join(folder, 'patterns.mjs');
  await esbuild.build({
    entryPoints: [join(here, 'patterns.ts')],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  const { measure, NAMES } = await import(pathToFileURL(bundle).href);
  const reference = runReference();
  const pages = measure('page numbers');
  const bigint = measure('bigint');
  const rows = NAMES.map((name, i) => ({
    pattern: name,
    cNanoseconds: reference.get(name),
    pagesRatio: pages[i] / reference.get(name),
    bigintRatio: bigint[i] / reference.get(name),
  }));
  if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
  else {
    console.log(
      `${'pattern'.padEnd(28)}${'C ns'.padStart(8)}${'pages / C'.padStart(12)}${'bigint / C'.padStart(12)}`,
    );
    for (const row of rows) {
      const cells = [row.cNanoseconds.toFixed(2).padStart(8), row.pagesRatio.toFixed(2).padStart(12)];
      console.log(row.pattern.padEnd(28) + cells.join('') + row.bigintRatio.toFixed(2).padStart(12));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
