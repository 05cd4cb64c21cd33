/** The main job: the same workloads over every variant, each held against recorded kernels, side by side. */
import {
  type Case,
  type CaseResult,
  CaseRunner,
  observeOperations,
  placeOfCase,
  profile as profileOf,
  RESULTS_VERSION,
  type ResultRow,
  type Results,
  recordings,
  SUITE_VERSION,
  selectCases,
  speaksOf,
  type WorkloadResult,
  workloads,
} from '@iommu-lab/conformance';
import { eraFunctions, type Variant } from '@iommu-lab/kernel';
import { safetyOf } from './hazards/safety';
import { VARIANTS } from './registry';
import { disallowedSkips, missingRecordings } from './support';
import { addTallies, failuresOf, qualifiedId, skipsOf, tallyOf } from './tally';
import { blackoutOf, usualMove } from './traffic';

export interface CompareOptions {
  /** Default: every built-in variant. */
  readonly variants?: readonly Variant[];
  /** Glob over the ids of cases; default: all. */
  readonly workload?: string;
  /** Eras to compare at; default: every era that was recorded. */
  readonly era?: string;
  /** Called after each case with how many of how many are done. */
  readonly onProgress?: (done: number, total: number, id: string) => void;
}

export interface Comparison {
  readonly results: Results;
  /** Whether every step was equal, nothing was left over, and the support table is met. */
  readonly holds: boolean;
  /** Why it does not hold, one sentence each. */
  readonly reasons: readonly string[];
}

/** Everything but the judgement. */
type Measured = Omit<Results, 'reasons'>;

/** A case and the kind of evidence that it is. */
interface Selected {
  readonly case: Case;
  /** `profile/file` of a recording, or null for a workload of our own. */
  readonly recording: string | null;
}

/** Compares the variants. Runs in any runtime; deterministic. @throws InputError where nothing is selected. */
export function compare(options: CompareOptions = {}): Comparison {
  const variants = options.variants ?? VARIANTS;
  const selected = select(options);
  const total = selected.length * variants.length;
  let done = 0;
  const byVariant = new Map<Variant, CaseResult[]>();
  const runner = new CaseRunner();
  for (const variant of variants) {
    const compareOne = ({ case: one }: Selected): CaseResult => {
      const result = runner.run(one, variant);
      options.onProgress?.(++done, total, one.id);
      return result;
    };
    byVariant.set(variant, selected.map(compareOne));
  }
  const measured = assemble(selected, byVariant);
  const complete = options.workload === undefined && options.era === undefined;
  const reasons = [
    ...reasonsAgainst(measured, selected, complete),
    ...(complete ? variants.flatMap((variant) => declaredNowhere(variant, selected)) : []),
  ];
  return { results: { ...measured, reasons }, holds: reasons.length === 0, reasons };
}

function select(options: CompareOptions): Selected[] {
  const recorded = recordings().flatMap(({ profile, file, cases }) =>
    cases.map((one): Selected => ({ case: one, recording: `${profile}/${file}` })),
  );
  const own = workloads().map((one): Selected => ({ case: one, recording: null }));
  const all = [...recorded, ...own].filter(
    ({ case: one }) => options.era === undefined || profileOf(one.profile).era === options.era,
  );
  if (options.workload === undefined) return all;
  const cases = all.map((one) => one.case);
  const chosen = new Set(selectCases(cases, options.workload, '--workload'));
  return all.filter((one) => chosen.has(one.case));
}

function assemble(selected: readonly Selected[], byVariant: ReadonlyMap<Variant, CaseResult[]>): Measured {
  const all = [...byVariant.values()].flat();
  const profiles = [...new Set(all.map((result) => result.machine))];
  return {
    version: RESULTS_VERSION,
    suite: SUITE_VERSION,
    profiles: profiles.map((id) => {
      const { era } = profileOf(id);
      return { id, era, evidence: eraFunctions(era).evidence };
    }),
    rows: [...byVariant].map(([variant, results]) => rowOf(variant, selected, results)),
    byWorkload: selected.map((one, index) => workloadOf(one, index, byVariant)),
    failures: all.flatMap(failuresOf),
    skips: all.flatMap(skipsOf),
  };
}

function rowOf(variant: Variant, selected: readonly Selected[], results: readonly CaseResult[]): ResultRow {
  const tallies = results.map(tallyOf);
  const observed = observeOperations(variant);
  return {
    variant: variant.id,
    title: variant.title,
    conformance: addTallies(tallies.filter((_, index) => selected[index]?.recording !== null)),
    workloads: addTallies(tallies.filter((_, index) => selected[index]?.recording === null)),
    entryPoints: observed.entryPoints,
    cost: observed.cost,
    safety: safetyOf(variant.id),
    traffic: trafficOf(variant),
  };
}

function trafficOf(variant: Variant): ResultRow['traffic'] {
  const moved = usualMove(variant);
  if (moved === null || moved.failed.length > 0) return null;
  const counts = { blocked: 0, dropped: 0, foreign: 0 };
  for (const device of moved.devices) {
    counts.blocked += device.blocked;
    counts.dropped += device.dropped;
    counts.foreign += device.foreign;
  }
  return { era: moved.era, machine: moved.machine, blackout: blackoutOf(moved), ...counts };
}

function workloadOf(
  { case: one, recording }: Selected,
  index: number,
  byVariant: ReadonlyMap<Variant, CaseResult[]>,
): WorkloadResult {
  const cells = [...byVariant].flatMap(([variant, results]) => {
    const result = results[index];
    if (result === undefined) return [];
    const counterfactual = !hadItsCalls(variant, result.era);
    return [{ variant: variant.id, ...tallyOf(result), counterfactual }];
  });
  const place = placeOfCase(one);
  return { id: qualifiedId(place), title: one.title, recorded: recording !== null, ...place, cells };
}

/** Whether the kernel had the variant's entry points or a near form of them. */
function hadItsCalls({ eras }: Variant, era: string): boolean {
  return eras.some((one) => one === era);
}

/** Cases that a variant declares a difference in and that there are not. */
function declaredNowhere({ id, differs = [] }: Variant, selected: readonly Selected[]): string[] {
  const unknown = differs.filter((each) => !selected.some(({ case: one }) => speaksOf(each, one)));
  return [...new Set(unknown.map((each) => each.case))].map(
    (named) => `${id} declares a difference in ${named}, and there is no such case`,
  );
}

function reasonsAgainst(results: Measured, selected: readonly Selected[], complete: boolean): string[] {
  const reasons: string[] = [];
  const compared = results.rows.reduce((sum, row) => sum + row.conformance.equal + row.workloads.equal, 0);
  if (compared === 0) reasons.push('nothing was compared');
  if (results.failures.length > 0) reasons.push(`${results.failures.length} answers differ`);
  const skips = disallowedSkips(results.skips);
  if (skips.length > 0) reasons.push(`${skips.length} cases were skipped that must run`);
  if (complete) {
    const recorded = new Set(selected.flatMap((one) => (one.recording === null ? [] : [one.recording])));
    reasons.push(...missingRecordings(recorded).map((path) => `recording ${path} was not compared`));
  }
  return reasons;
}
