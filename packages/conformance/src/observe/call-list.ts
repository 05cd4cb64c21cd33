/**
 * Hand-written call lists: what a variant is meant to call, hold and pin during each watched operation. They stand
 * beside the variants and are compared with what it really does.
 */
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { name } from '../grammar/values';
import type { ObservedCall } from './calls';
import { OBSERVED_OPERATIONS, type ObservedOperation } from './observed-operations';

const call = v.strictObject({ call: name, holds: v.array(name), takes: v.array(name) });
const taken = v.strictObject({ get: name, holds: v.array(name) });
const dropped = v.strictObject({ put: name, holds: v.array(name) });
const list = v.array(v.union([call, taken, dropped]));

const callListSchema = v.strictObject({
  /** Id of the variant. */
  variant: name,
  'set-iommu': list,
  join: list,
  move: list,
  leave: list,
});

export type CallList = v.InferOutput<typeof callListSchema>;

/** The call list that the JSON value describes. Throws `InputError`. */
export function parseCallList(json: unknown, source: string): CallList {
  return parseAs(callListSchema, json, { source });
}

/** How what happened differs from the list: one line for each call, empty when equal. */
export function compareCalls(
  expected: CallList,
  actual: Readonly<Record<ObservedOperation, readonly ObservedCall[]>>,
): string[] {
  return OBSERVED_OPERATIONS.flatMap((operation) => {
    const wanted = expected[operation].map(callText);
    const seen = actual[operation].map(callText);
    const length = Math.max(wanted.length, seen.length);
    return Array.from({ length }, (_, index) => {
      const [want, see] = [wanted[index] ?? 'nothing', seen[index] ?? 'nothing'];
      return want === see ? null : `${operation} call ${index + 1}: expected ${want}, saw ${see}`;
    }).filter((line) => line !== null);
  });
}

/** One call in words. */
export function callText(one: ObservedCall): string {
  if ('call' in one) {
    return `${one.call} holding [${one.holds.join(', ')}] taking [${one.takes.join(', ')}]`;
  }
  const change = one.get === undefined ? `put ${one.put}` : `get ${one.get}`;
  return `${change} holding [${one.holds.join(', ')}]`;
}
