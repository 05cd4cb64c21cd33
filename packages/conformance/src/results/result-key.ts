/**
 * What a result is the result of. Two results are of the same thing exactly when all five parts are equal; any of them
 * may change an answer, so none may be left out. (ADR 12)
 */
import type { Variant } from '@iommu-lab/kernel';
import * as v from 'valibot';
import type { Case } from '../grammar/case';
import { name } from '../grammar/values';
import { profile } from '../profiles';

/** What stands above a variant's ports. A variant has those for which it has the port. */
export const FRONTENDS = ['type1'] as const;

/** The key's parts beside the variant. */
export const placeEntries = {
  /** The kernel whose functions ran. */
  era: name,
  frontend: v.picklist(FRONTENDS),
  /** The profile that describes the machine. */
  machine: name,
  /** The id of a case or workload. */
  case: name,
};

const resultKeySchema = v.strictObject({ variant: name, ...placeEntries });

export type ResultKey = v.InferOutput<typeof resultKeySchema>;

/** The key's parts that are the case's. @throws InputError for an unknown profile */
export function placeOfCase(one: Case): Omit<ResultKey, 'variant'> {
  const { id, era } = profile(one.profile);
  return { era, frontend: 'type1', machine: id, case: one.id };
}

/** What a result of running the case on the variant is a result of. @throws InputError for an unknown profile */
export function resultKeyOf(one: Case, variant: Variant): ResultKey {
  return { variant: variant.id, ...placeOfCase(one) };
}

/** One text for each key: its parts, apart by spaces, of which they have none themselves. */
export function resultKeyText(key: ResultKey): string {
  const parts = [key.variant, key.era, key.frontend, key.machine, key.case];
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll(' ', '%20')).join(' ');
}
