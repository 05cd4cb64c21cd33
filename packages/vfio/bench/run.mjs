/**
 * Rate of MAP+UNMAP pairs through type1, and memory over a million of them: `node packages/vfio/bench/run.mjs [--json]`.
 *
 * The figure that counts is the ratio of the two rates: what 60,000 live mappings cost over 10. The other is C: one
 * map and unmap in the page table of packages/core/bench/reference.c, compiled and timed in the same run, against which
 * a pair of ioctls is a whole kernel's work. Needs gcc for that one; without it the line says so.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const require = createRequire(import.meta.url);
const esbuild = createRequire(require.resolve('tsup'))('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'iommu-lab-bench-'));
const json = process.argv.includes('--json');

function heapBytes() {
  collectGarbage();
  collectGarbage();
  return getHeapStatistics().used_heap_size + process.memoryUsage().external;
}

/** Nanoseconds of each pattern of the C program, or null without a compiler. */
function reference() {
  try {
    const binary = join(folder, 'reference');
    execFileSync('gcc', ['-O2', '-o', binary, join(here, '../../core/bench/reference.c')], { stdio: 'pipe' });
    const lines = execFileSync(binary, { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split('\t')).map(([name, ns]) => [name, Number(ns)]));
  } catch {
    return null;
  }
}

try {
  const outfile = join(folder, 'type1.mjs');
  await esbuild.build({
    entryPoints: [join(here, 'type1.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@iommu-lab/source'],
  });
  const { Type1Bench, rate } = await import(pathToFileURL(outfile).href);
  const few = new Type1Bench();
  few.mapMany(10);
  few.pairs(50_000, 10);
  const many = new Type1Bench();
  many.mapMany(60_000);
  many.pairs(50_000, 60_000);
  const rates = { few: rate(few, 100_000, 10, 5), many: rate(many, 100_000, 60_000, 5) };
  const before = heapBytes();
  few.pairs(1_000_000, 10);
  const grown = heapBytes() - before;
  const c = reference();
  if (json)
    console.log(JSON.stringify({ pairsPerSecond: rates, grownBytes: grown, cNanoseconds: c }, null, 2));
  else {
    console.log(`4 KiB MAP+UNMAP pairs a second through type1`);
    console.log(`  10 live mappings      ${Math.round(rates.few)}`);
    console.log(
      `  60,000 live mappings  ${Math.round(rates.many)}  (${(rates.few / rates.many).toFixed(2)} times the cost)`,
    );
    console.log(`memory kept after a million pairs: ${Math.round(grown / 1024)} KiB`);
    if (c === null) console.log('no C figure: gcc is not installed');
    else
      console.log(
        `C, page table alone, ns: ${Object.entries(c)
          .map(([name, ns]) => `${name} ${ns}`)
          .join(', ')}`,
      );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
