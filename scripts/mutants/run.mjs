/**
 * Breaks the model on purpose and sees that something goes red. A mutant is a patch of one source file, applied while
 * the suite is bundled: the tree is never changed, and nothing of a mutant is in shipped code. Which suite must kill it,
 * it says itself (`check`): check.ts, cases and call lists, soundness.ts, what steps declare, or explorer.ts, the search
 * engines, or hazards.ts, the hazards that a mutant names.
 *
 *   node scripts/mutants/run.mjs [--json] [--suite NAME]... [ID...]
 *
 * Exit 0 when the unpatched suites are green and every mutant is killed, 1 when not, 2 for a patch that does not fit.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleSuite, inParallel, patched } from './bundle.mjs';

const run = promisify(execFile);

/** The suites by the name that a mutant has for the one that must kill it. */
const SUITES = {
  cases: 'check.ts',
  soundness: 'soundness.ts',
  explorer: 'explorer.ts',
  hazards: 'hazards.ts',
};

function suiteOf({ check = 'cases' }) {
  return check;
}

/** The bundled suite, with the mutant's patch where there is one. */
async function bundle(suite, mutant, outfile) {
  const changes =
    mutant === null
      ? []
      : [{ file: mutant.file, edit: (text) => patched(text, mutant.patches, `mutant ${mutant.id}`) }];
  await bundleSuite(join(import.meta.dirname, SUITES[suite]), outfile, changes);
}

/** `named`: for the suite of hazards, those that are searched. */
async function redOf(suite, mutant, folder, named = mutant?.hazards ?? []) {
  const outfile = join(folder, `${mutant === null ? `unpatched ${suite}` : mutant.id}.mjs`);
  await bundle(suite, mutant, outfile);
  const { stdout } = await run(process.execPath, ['--max-old-space-size=1024', outfile, ...named], {
    timeout: 580_000,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

async function main(argv) {
  const json = argv.includes('--json');
  const isSuite = (at) => argv[at - 1] === '--suite';
  const suites = argv.filter((_, at) => isSuite(at));
  const wanted = argv.filter((word, at) => !word.startsWith('--') && !isSuite(at));
  const catalogue = JSON.parse(await readFile(join(import.meta.dirname, 'catalogue.json'), 'utf8'));
  const unknown = wanted.filter((id) => !catalogue.some((mutant) => mutant.id === id));
  if (unknown.length > 0) {
    console.error(`no mutant is called ${unknown.join(', ')}`);
    return 2;
  }
  const mutants = catalogue.filter(
    (mutant) =>
      (wanted.length === 0 || wanted.includes(mutant.id)) &&
      (suites.length === 0 || suites.includes(suiteOf(mutant))),
  );
  const folder = await mkdtemp(join(tmpdir(), 'iommu-lab-mutants-'));
  try {
    for (const suite of new Set(mutants.map(suiteOf))) {
      const named = new Set(
        mutants.filter((one) => suiteOf(one) === suite).flatMap(({ hazards = [] }) => hazards),
      );
      const unpatched = await redOf(suite, null, folder, [...named]);
      if (unpatched.length > 0) {
        console.error(`the unpatched suite of ${suite} is red: ${unpatched.slice(0, 5).join('; ')}`);
        return 1;
      }
    }
    const results = await inParallel(mutants, async (mutant) => {
      try {
        return { id: mutant.id, title: mutant.title, red: await redOf(suiteOf(mutant), mutant, folder) };
      } catch (error) {
        // A mutant that never ends or dies is killed, but by no named case: that is said.
        const message = String(error.message).split('\n')[0];
        return { id: mutant.id, title: mutant.title, red: [], failed: message };
      }
    });
    report(results, json);
    return results.every(({ red }) => red.length > 0) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report(results, json) {
  if (json) {
    process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    return;
  }
  for (const { id, title, red, failed } of results) {
    const [first] = red;
    const verdict =
      first === undefined ? `SURVIVES${failed === undefined ? '' : ` (${failed})`}` : `killed by ${first}`;
    const more = red.length > 1 ? ` and ${red.length - 1} more` : '';
    console.log(`${id.padEnd(28)} ${verdict}${more}\n${' '.repeat(29)}${title}`);
  }
  const killed = results.filter(({ red }) => red.length > 0).length;
  console.log(`${killed} of ${results.length} mutants killed`);
}

process.exitCode = await main(process.argv.slice(2));
