/** All cases that come with the suite, and finding one by what a user calls it. */
import { type Case, profile, recordings, workloads } from '@iommu-lab/conformance';
import { UsageError } from './usage-error';

export interface CatalogueEntry {
  readonly case: Case;
  /** The case's profile and id: what results call it. */
  readonly id: string;
  /** Answers that a kernel gave; otherwise a workload of our own. */
  readonly recorded: boolean;
}

/** Recorded cases by profile and file, then our own workloads. */
export function catalogue(): CatalogueEntry[] {
  const recorded = recordings().flatMap(({ cases }) => cases.map((one) => entry(one, true)));
  return [...recorded, ...workloads().map((one) => entry(one, false))];
}

function entry(one: Case, recorded: boolean): CatalogueEntry {
  return { case: one, id: `${one.profile}/${one.id}`, recorded };
}

/**
 * The case of that id or `profile/id`. An id alone, recorded on several kernels, stands for the newest of them.
 * @throws UsageError where there is none.
 */
export function findCase(name: string, entries: readonly CatalogueEntry[] = catalogue()): CatalogueEntry {
  const found = entries.filter((each) => each.id === name || each.case.id === name);
  const [newest] = found.toSorted((a, b) => compareEras(b.case.profile, a.case.profile));
  if (newest !== undefined) return newest;
  throw new UsageError(`unknown workload "${name}"; "iommu-lab show workloads" lists them`);
}

function compareEras(a: string, b: string): number {
  return profile(a).era.localeCompare(profile(b).era, 'en', { numeric: true });
}
