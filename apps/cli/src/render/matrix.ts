/** `compare --by workload`: one row a workload, one column a variant. */
import type { Results, WorkloadResult } from '@iommu-lab/conformance';
import { cellText } from './tally-text';
import { variantColumns } from './variant-columns';

/** The lines of the matrix, one table for each profile. */
export function workloadMatrix(results: Results, width: number): string[] {
  const variants = results.rows.map((row) => row.variant);
  return sections(results).flatMap(({ title, workloads }, index) => [
    ...(index === 0 ? [] : ['']),
    title,
    '',
    ...variantColumns({
      head: 'workload',
      variants,
      rows: workloads.map((workload) => ({
        head: workload.name,
        cells: variants.map((variant) => cellOf(workload.result, variant)),
      })),
      width,
    }),
  ]);
}

interface Section {
  readonly title: string;
  readonly workloads: readonly { readonly name: string; readonly result: WorkloadResult }[];
}

/** The workloads by the profile with which their ids begin, which is then left out of the names. */
export function sections(results: Results): Section[] {
  return results.profiles.map(({ id }) => ({
    title: id,
    workloads: results.byWorkload
      .filter((workload) => workload.id.startsWith(`${id}/`))
      .map((result) => ({ name: result.id.slice(id.length + 1), result })),
  }));
}

function cellOf(workload: WorkloadResult, variant: string): string {
  const cell = workload.cells.find((each) => each.variant === variant);
  return cell === undefined ? '-' : cellText(cell);
}
