/**
 * Judges the claims of the thread from searches and workloads that it runs.
 *
 *   node scripts/claims/run.mjs [--write | --check] [--turn] [CLAIM...]
 *
 * --write: the judgements go into packages/comparison/data/claims.json. --check: exit 1 where that is not current.
 * --turn: judges each claim once more with the patch that is to turn it, and exits 1 where its verdict stays.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepCommitted } from '../docs/committed.mjs';
import { answer } from '../mutants/ask.mjs';
import { bundleSuite, inParallel, patched } from '../mutants/bundle.mjs';

const DATA = 'packages/comparison/data/claims.json';
const MAIN = join(import.meta.dirname, 'main.ts');
const forms = JSON.parse(await readFile(join(import.meta.dirname, 'forms.json'), 'utf8'));

function formNamed(id) {
  const form = forms.find((one) => one.id === id);
  if (form === undefined) throw new Error(`no form is called ${id}`);
  return form;
}

/** The edits of several forms, by file. */
function changesOf(ids) {
  const files = new Map();
  for (const id of ids) {
    const { file, patches } = formNamed(id);
    const before = files.get(file) ?? ((text) => text);
    files.set(file, (text) => patched(before(text), patches, `form ${id}`));
  }
  return [...files].map(([file, edit]) => ({ file, edit }));
}

/** Asks bundles of the claims, each made once for a set of forms. */
class Asker {
  #bundles = new Map();

  constructor(folder) {
    this.folder = folder;
  }

  async ask(ids, request) {
    const key = ids.join('+');
    if (!this.#bundles.has(key)) this.#bundles.set(key, this.#bundle(key, ids));
    return answer(await this.#bundles.get(key), request);
  }

  async #bundle(key, ids) {
    const outfile = join(this.folder, `${key === '' ? 'plain' : key}.mjs`);
    await bundleSuite(MAIN, outfile, changesOf(ids));
    return outfile;
  }
}

/** The judgements of one claim, one for each era, with `turned` the forms that every source has besides. */
async function judged(asker, { id, eras, needs }, turned) {
  const byForm = grouped(needs);
  const results = [];
  for (const era of eras) {
    const facts = {};
    for (const [form, some] of byForm) {
      const ids = [...(form === '' ? [] : form.split('+')), ...turned];
      Object.assign(facts, await asker.ask(ids, { era, needs: some }));
    }
    results.push(await asker.ask([], { era, claim: id, facts }));
  }
  return results;
}

function grouped(needs) {
  const byForm = new Map();
  for (const need of needs) byForm.set(need.form ?? '', [...(byForm.get(need.form ?? '') ?? []), need]);
  return byForm;
}

async function turn(asker, claims, judgements) {
  const stayed = await inParallel(claims, async (claim) => {
    const turned = await judged(asker, claim, [claim.turnedBy]);
    const before = judgements.filter((one) => one.claim === claim.id).map(({ verdict }) => verdict);
    const after = turned.map(({ verdict }) => verdict);
    console.log(`${claim.id} with ${claim.turnedBy}: ${before.join(', ')} becomes ${after.join(', ')}`);
    return after.every((verdict, at) => verdict === before[at]);
  });
  return claims.filter((_, at) => stayed[at]).map(({ id }) => id);
}

async function main(argv) {
  const wanted = argv.filter((word) => !word.startsWith('--'));
  const folder = await mkdtemp(join(tmpdir(), 'iommu-lab-claims-'));
  try {
    const asker = new Asker(folder);
    const all = await asker.ask([], { list: true });
    const claims = all.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
    const judgements = (await inParallel(claims, (claim) => judged(asker, claim, []))).flat();
    for (const { claim, era, verdict, reason } of judgements)
      console.log(`${claim} at ${era}: ${verdict}: ${reason}`);
    const committed = {
      path: DATA,
      results: judgements,
      whole: wanted.length === 0,
      idOf: ({ claim }) => claim,
      command: 'claims',
    };
    if (!(await keepCommitted(argv, committed))) return 1;
    const stayed = argv.includes('--turn') ? await turn(asker, claims, judgements) : [];
    if (stayed.length === 0) return 0;
    console.error(`not turned by their patch: ${stayed.join(', ')}`);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
