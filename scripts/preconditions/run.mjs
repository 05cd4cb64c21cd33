/**
 * Counts what a design's safety rests on: takes each lock, each reference and each check out of each variant's file, one
 * at a time and on a copy, and runs what is left. A deletion counts where it yields a violation that the whole file does
 * not; one after which only answers differ, or nothing, is listed and does not count.
 *
 *   node scripts/preconditions/run.mjs [--write | --check] [VARIANT...]
 *
 * Prints a table. --write: into packages/comparison/data/preconditions.json. --check: exit 1 where that is not current.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keepCommitted } from '../docs/committed.mjs';
import { bundleSuite, inParallel, root } from '../mutants/bundle.mjs';
import { deletionsOf, without } from './deletions.mjs';

const DATA = 'packages/comparison/data/preconditions.json';
const CHECK = join(import.meta.dirname, 'check.ts');
const run = promisify(execFile);

/** The files of all variants: path from the root, text, id. */
async function variantFiles() {
  const packages = (await readdir(join(root, 'packages'))).filter((name) => name.startsWith('api-')).sort();
  const files = [];
  for (const name of packages) {
    const folder = join('packages', name, 'src/variants');
    const sources = (await readdir(join(root, folder))).filter((file) => file.endsWith('.ts'));
    for (const file of sources.sort()) {
      const path = join(folder, file);
      const text = await readFile(join(root, path), 'utf8');
      const id = /^\s*id: '([^']+)'/m.exec(text)?.[1];
      if (id === undefined) throw new Error(`${path} names no variant`);
      files.push({ path, text, id });
    }
  }
  return files.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** The violations of a variant, with or without a deletion. A run that never ends, or dies, is a violation too. */
async function violationsOf({ path, id }, deletion, folder) {
  const outfile = join(folder, `${id.replaceAll('/', '-')}-${deletion === null ? 'whole' : deletion.at}.mjs`);
  const changes = deletion === null ? [] : [{ file: path, edit: (text) => without(text, deletion) }];
  await bundleSuite(CHECK, outfile, changes);
  try {
    const options = { timeout: 240_000, maxBuffer: 2 ** 26 };
    const { stdout } = await run(process.execPath, ['--max-old-space-size=1024', outfile, id], options);
    return JSON.parse(stdout);
  } catch (error) {
    return [{ by: 'the whole run', kind: 'crash', message: String(error.message).split('\n')[0] }];
  }
}

const keyOf = ({ by, kind }) => `${by} ${kind}`;

async function judged(file, deletion, known, folder) {
  const violations = await violationsOf(file, deletion, folder);
  const [first] = violations.filter((violation) => !known.has(keyOf(violation)));
  const { kind, line, text } = deletion;
  return { kind, line, text, violation: first === undefined ? null : { by: first.by, kind: first.kind } };
}

async function preconditions(files, folder) {
  const known = await inParallel(files, (file) => violationsOf(file, null, folder));
  const jobs = files.flatMap((file, at) =>
    deletionsOf(file.text).map((deletion) => ({ file, deletion, known: new Set(known[at].map(keyOf)) })),
  );
  const results = await inParallel(jobs, (job) => {
    if (process.stderr.isTTY) process.stderr.write(`${job.file.id}: ${job.deletion.text}\n`);
    return judged(job.file, job.deletion, job.known, folder);
  });
  return files.map(({ id, path }) => {
    const deletions = results.filter((_, at) => jobs[at].file.id === id);
    return {
      variant: id,
      file: path,
      count: deletions.filter(({ violation }) => violation !== null).length,
      deletions,
    };
  });
}

function report(results) {
  for (const { variant, count, deletions } of results) {
    console.log(`${variant}: ${count} of ${deletions.length}`);
    for (const { kind, line, text, violation } of deletions) {
      const yields = violation === null ? 'no violation' : `${violation.kind} by ${violation.by}`;
      console.log(`  line ${line}, ${kind}: ${text}\n    ${yields}`);
    }
  }
}

async function main(argv) {
  const wanted = argv.filter((word) => !word.startsWith('--'));
  const files = (await variantFiles()).filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  if (files.length < wanted.length) {
    console.error(`there is no such variant among ${wanted.join(', ')}`);
    return 2;
  }
  const folder = await mkdtemp(join(tmpdir(), 'iommu-lab-preconditions-'));
  try {
    const results = await preconditions(files, folder);
    report(results);
    const committed = {
      path: DATA,
      results,
      whole: wanted.length === 0,
      idOf: ({ variant }) => variant,
      command: 'preconditions',
    };
    return (await keepCommitted(argv, committed)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
