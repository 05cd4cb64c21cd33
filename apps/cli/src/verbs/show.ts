/** `show`: lists what there is, or says what is known of one thing. */
import { traffic, VARIANTS } from '@iommu-lab/comparison';
import { hazards, pendingHazards, profile, profileIds, scenarios } from '@iommu-lab/conformance';
import { eraIds } from '@iommu-lab/kernel';
import { catalogue, findCase } from '../catalogue';
import { HOLDS } from '../exit-status';
import { formatLines, formats } from '../formats';
import { hazardLines } from '../render/show/hazard';
import { KINDS, list, overview } from '../render/show/lists';
import { caseLines, eraLines, profileLines, scenarioLines, variantLines } from '../render/show/things';
import { widthOf } from '../terminal/width';
import { UsageError } from '../usage-error';
import type { Verb } from '../verb';

export const showVerb: Verb = {
  name: 'show',
  parameters: '[what]',
  usage: 'show [KIND|ID]',
  summary: 'Lists what there is, or shows one thing',
  options: [{ flag: '--json', text: 'with "traffic": print one JSON document instead of tables' }],
  notes: [
    `KIND is one of ${KINDS.join(', ')}. ID is the id of one of them.`,
    '"traffic" measures what becomes of DMA while a group changes domains, on every design, kernel and machine.',
  ],
  examples: [
    'iommu-lab show variants',
    'iommu-lab show device/raw',
    'iommu-lab show H01',
    'iommu-lab show container/api',
  ],
  run({ io, positionals, options }) {
    const [what] = positionals;
    if (options.flag('json')) {
      if (what !== 'traffic') throw new UsageError('--json goes with "traffic"');
      io.stdout.write(`${JSON.stringify(traffic(), null, 2)}\n`);
      return HOLDS;
    }
    io.stdout.write(`${showLines(what, widthOf(io)).join('\n')}\n`);
    return HOLDS;
  },
};

/** @throws UsageError where there is nothing of that name. */
function showLines(what: string | undefined, width: number): string[] {
  if (what === undefined) return overview(width);
  const kind = KINDS.find((each) => each === what);
  if (kind !== undefined) return list(kind, width);
  const variant = VARIANTS.find(({ id }) => id === what);
  if (variant !== undefined) return variantLines(variant, width);
  const era = eraIds().find((id) => id === what);
  if (era !== undefined) return eraLines(era, width);
  if (profileIds().includes(what)) return profileLines(profile(what), width);
  const format = formats().find(({ id }) => id === what);
  if (format !== undefined) return formatLines(format, width);
  const hazard = hazards().find(({ id }) => id === what);
  if (hazard !== undefined) return hazardLines(hazard, width);
  const pending = pendingHazards().find(({ id }) => id === what);
  if (pending !== undefined) return [`${pending.id}: ${pending.title}. Not judged yet.`];
  const scenario = scenarios().find(({ id }) => id === what);
  if (scenario !== undefined) return scenarioLines(scenario, width);
  const cases = catalogue();
  if (cases.some((entry) => entry.id === what || entry.case.id === what)) {
    const { case: one, recorded } = findCase(what, cases);
    return caseLines(one, recorded, width);
  }
  throw new UsageError(
    `nothing is called "${what}"; show lists ${KINDS.join(', ')}, or takes an id of one of them`,
  );
}
