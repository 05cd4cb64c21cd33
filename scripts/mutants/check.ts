/**
 * Runs the suite on the built-in variants and prints what is red, as JSON: workloads and recordings by case and
 * variant, call lists by variant. Bundled together with one patched source file by run.mjs.
 */
import { checkCallLists, VARIANTS } from '@iommu-lab/comparison';
import { CaseRunner, holds, parseCallList, recordings, workloads } from '@iommu-lab/conformance';
import pinned from '../../packages/api-device/test/pinned.calls.json';
import raw from '../../packages/api-device/test/raw.calls.json';
import replace from '../../packages/api-group/test/replace.calls.json';
import oneStep from '../../packages/api-group-alloc/test/one-step.calls.json';
import twoStep from '../../packages/api-group-alloc/test/two-step.calls.json';

const red: string[] = [];
const runner = new CaseRunner();
const lists = [replace, raw, pinned, twoStep, oneStep].map((json) => parseCallList(json, json.variant));

function check(kind: string, cases: ReturnType<typeof workloads>): void {
  for (const one of cases) {
    for (const variant of VARIANTS) {
      let failed = true;
      try {
        const result = runner.run(one, variant);
        failed = result.skipped === null && !holds(result);
      } catch {
        // A suite that cannot run is red too.
      }
      if (failed) red.push(`${kind} ${one.profile}/${one.id} on ${variant.id}`);
    }
  }
}

check('workload', workloads());
check(
  'recording',
  recordings().flatMap(({ cases }) => cases),
);
try {
  red.push(...checkCallLists(VARIANTS, lists).map((line) => `calls ${line}`));
} catch (error) {
  red.push(`calls cannot be watched: ${error instanceof Error ? error.message : error}`);
}
process.stdout.write(JSON.stringify(red));
