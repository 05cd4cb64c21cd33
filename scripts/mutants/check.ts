/**
 * Runs the suite on the built-in variants and prints what is red, as JSON: workloads and recordings by case and
 * variant, call lists by variant. Recordings are only asked where nothing of our own is red. Bundled together with one
 * patched source file by run.mjs.
 */
import { checkCallLists, VARIANTS } from '@iommu-lab/comparison';
import { CaseRunner, holds, parseCallList, recordings, workloads } from '@iommu-lab/conformance';
import devMutex from '../../packages/api-device/test/dev-mutex.calls.json';
import passedIn from '../../packages/api-device/test/passed-in.calls.json';
import pinned from '../../packages/api-device/test/pinned.calls.json';
import raw from '../../packages/api-device/test/raw.calls.json';
import attach from '../../packages/api-group/test/attach.calls.json';
import replace from '../../packages/api-group/test/replace.calls.json';
import replaceV1 from '../../packages/api-group/test/replace-v1.calls.json';
import iterator from '../../packages/api-group-alloc/test/iterator.calls.json';
import oneStep from '../../packages/api-group-alloc/test/one-step.calls.json';
import twoStep from '../../packages/api-group-alloc/test/two-step.calls.json';

const lists = [attach, replaceV1, replace, raw, pinned, devMutex, passedIn, twoStep, oneStep, iterator].map(
  (json) => parseCallList(json, json.variant),
);

/** Cases that are red, by name. A suite that cannot run is red too. */
function redCases(kind: string, cases: ReturnType<typeof workloads>): string[] {
  const red: string[] = [];
  let runner = new CaseRunner();
  for (const one of cases) {
    for (const variant of VARIANTS) {
      const name = `${kind} ${one.profile}/${one.id} on ${variant.id}`;
      try {
        const result = runner.run(one, variant);
        if (result.skipped === null && !holds(result)) red.push(name);
      } catch {
        red.push(name);
        runner = new CaseRunner();
      }
    }
  }
  return red;
}

function redCalls(): string[] {
  try {
    return checkCallLists(VARIANTS, lists).map((line) => `calls ${line}`);
  } catch (error) {
    return [`calls cannot be watched: ${error instanceof Error ? error.message : error}`];
  }
}

const own = [...redCases('workload', workloads()), ...redCalls()];
const recorded = () =>
  redCases(
    'recording',
    recordings().flatMap(({ cases }) => cases),
  );
process.stdout.write(JSON.stringify(own.length > 0 ? own : recorded()));
