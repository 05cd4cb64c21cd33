/** What `show traffic --json` prints: what came of DMA while a group changed domains. */
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { count, flag, name } from '../grammar/values';
import { placeEntries } from './result-key';

/** Transactions of one device, and where it was left. Domains are named as `port.where` does. */
const deviceSchema = v.strictObject({
  device: name,
  old: count,
  new: count,
  blocked: count,
  dropped: count,
  foreign: count,
  /** Steps without a transaction that reached the old or the new page; null where none reached one any more. */
  blackout: v.nullable(count),
  /** As the hardware has it. */
  attached: v.nullable(name),
  /** As its group has it. */
  domain: v.nullable(name),
});

/** A call that did not succeed. `errno` is null where it did not come back. */
const failedSchema = v.strictObject({
  op: name,
  errno: v.nullable(name),
  /** Of a move: where the design says that the group is, null for neither domain. */
  nowOn: v.exactOptional(v.nullable(name)),
});

const resultSchema = v.strictObject({
  variant: name,
  ...placeEntries,
  title: name,
  /** Whether a recording of that kernel exists, or only its source was read. */
  evidence: v.picklist(['recorded', 'read']),
  /** Whether that kernel had no such entry points. */
  counterfactual: flag,
  defaultDomain: v.picklist(['dma', 'identity']),
  devices: v.array(deviceSchema),
  failed: v.array(failedSchema),
  violations: v.array(name),
});

export const trafficReportSchema = v.strictObject({
  /** The suite's version. */
  suite: name,
  results: v.array(resultSchema),
});

export type TrafficReport = v.InferOutput<typeof trafficReportSchema>;
export type TrafficResult = v.InferOutput<typeof resultSchema>;

/** The report that the JSON value describes. Throws `InputError`. */
export function parseTrafficReport(json: unknown, source: string): TrafficReport {
  return parseAs(trafficReportSchema, json, { source });
}
