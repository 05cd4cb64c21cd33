/**
 * Judges the hazards on every design and kernel, by searches that it runs: what `explore all` shows of them.
 *
 *   node scripts/hazards/run.mjs [--write | --check] [HAZARD...]
 *
 * --write: into packages/comparison/data/hazards.json. --check: exit 1 where that is not current. Where no design at any kernel shows a hazard, the mutants that it names are tried.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepCommitted } from '../docs/committed.mjs';
import { answer } from '../mutants/ask.mjs';
import { bundleSuite, inParallel, patched } from '../mutants/bundle.mjs';

const DATA = 'packages/comparison/data/hazards.json';
const MAIN = join(import.meta.dirname, 'main.ts');

async function bundle(name, changes, folder) {
  const outfile = join(folder, `${name}.mjs`);
  await bundleSuite(MAIN, outfile, changes);
  return outfile;
}

/** The first of the mutants under which the scenario shows the hazard. */
async function mutantWitness(mutants, scenario, folder) {
  const catalogue = JSON.parse(
    await readFile(join(import.meta.dirname, '../mutants/catalogue.json'), 'utf8'),
  );
  for (const id of mutants) {
    const mutant = catalogue.find((one) => one.id === id);
    if (mutant === undefined) throw new Error(`no mutant is called ${id}`);
    const edit = (text) => patched(text, mutant.patches, `mutant ${id}`);
    const changed = await bundle(id, [{ file: mutant.file, edit }], folder);
    if ((await answer(changed, { scenario, stop: true })) !== null) return `mutant ${id}`;
  }
  return null;
}

async function judged(hazards, plain, folder) {
  const jobs = hazards.flatMap(({ mutants, scenarios }) =>
    scenarios.map((scenario) => ({ scenario, mutants })),
  );
  const results = await inParallel(jobs, async ({ scenario, mutants }) => {
    const found = await answer(plain, { scenario });
    if (process.stderr.isTTY) process.stderr.write(`${scenario}\n`);
    if (mutants.length === 0 || found.some(({ violations }) => violations.some(({ sought }) => sought)))
      return found;
    const witness = await mutantWitness(mutants, scenario, folder);
    return found.map((one) => ({ ...one, witness }));
  });
  return answer(plain, { results: results.flat() });
}

async function main(argv) {
  const wanted = argv.filter((word) => !word.startsWith('--'));
  const folder = await mkdtemp(join(tmpdir(), 'iommu-lab-hazards-'));
  try {
    const plain = await bundle('plain', [], folder);
    const all = await answer(plain, { list: true });
    const hazards = all.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
    const results = await judged(hazards, plain, folder);
    for (const one of results) console.log(lineOf(one));
    const whole = hazards.length === all.length;
    const committed = { path: DATA, results, whole, idOf: ({ hazard }) => hazard, command: 'hazards' };
    return (await keepCommitted(argv, committed)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lineOf({ hazard, scenario, variant, era, verdict, violations, executions, witness }) {
  const [first] = violations;
  const shown = first === undefined ? `no (witness: ${witness ?? 'none'})` : `${first.kind} ${first.token}`;
  return `${hazard} ${scenario} ${variant ?? 'any'} ${era}: ${verdict} ${executions}, ${shown}`;
}

process.exitCode = await main(process.argv.slice(2));
