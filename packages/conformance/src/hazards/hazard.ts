/**
 * The catalogue of hazards: what can go wrong between an attach and everything that runs beside it. A hazard that is
 * judged has one scenario or more that name it; the others are pending and have a subject only.
 */
import type { EraId } from '@iommu-lab/kernel';
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { name } from '../grammar/values';

/** A hazard that is judged. */
export interface JudgedHazard {
  readonly id: string;
  readonly title: string;
  /** `design`: judged for each variant. `kernel`: once for each era, whatever the variant. */
  readonly varies: 'design' | 'kernel';
  /** The kernels at which it is judged, as far as they can be run. */
  readonly eras: readonly EraId[];
  /** Patches of scripts/mutants/catalogue.json that let it happen, where no design at any era does. */
  readonly mutants?: readonly string[];
  /** What a reader of its results has to know. */
  readonly remark?: string;
}

/** A hazard that no scenario shows yet. */
export interface PendingHazard {
  readonly id: string;
  readonly title: string;
}

const id = v.pipe(
  v.string('expected a hazard like "H01"'),
  v.regex(/^H[0-9]{2}[a-z]?$/, 'expected a hazard like "H01"'),
);

const ERAS = ['5.10', '2022-02', '5.19', '6.1', '6.6', '6.12', '7.2'] as const satisfies readonly EraId[];

const judged = v.strictObject({
  id,
  title: name,
  varies: v.picklist(['design', 'kernel']),
  eras: v.pipe(v.array(v.picklist(ERAS)), v.nonEmpty('expected an era')),
  mutants: v.exactOptional(v.pipe(v.array(name), v.nonEmpty('expected a mutant'))),
  remark: v.exactOptional(name),
});

const pending = v.strictObject({ id, title: name });

/** What the JSON value says. `source` names its file in errors. @throws InputError */
export function parseHazards(
  json: unknown,
  source: string,
): { judged: readonly JudgedHazard[]; pending: readonly PendingHazard[] } {
  const all = parseAs(v.array(v.looseObject({ id })), json, { source });
  const isJudged = (one: object) => 'varies' in one;
  return {
    judged: all.filter(isJudged).map((one) => parseAs(judged, one, { source }, one.id)),
    pending: all.filter((one) => !isJudged(one)).map((one) => parseAs(pending, one, { source }, one.id)),
  };
}
