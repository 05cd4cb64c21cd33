/** What a search of every interleaving says of two designs, for the README: run and rendered as on an 80-column terminal. */
import { exploreAll, findVariant } from '@iommu-lab/comparison';
import { scenarioNamed } from '@iommu-lab/conformance';
import { resultBlocks } from '../../apps/cli/src/render/explore-text';
import { PLAIN } from '../../apps/cli/src/terminal/colours';

const SCENARIO = 'set-iommu-vs-remove-undriven-member';
const DESIGNS = ['group-alloc/one-step', 'device/raw'];

export function search(): string {
  const scenarios = [scenarioNamed(SCENARIO, 'README.md')];
  const report = exploreAll({ scenarios, variants: DESIGNS.map(findVariant) });
  const blocks = resultBlocks(report, 80, PLAIN).map((lines) => lines.join('\n'));
  return ['', '```text', blocks.join('\n\n'), '```', ''].join('\n');
}
