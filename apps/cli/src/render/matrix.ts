/** `compare --by workload`: one row a workload, one column a variant; in brackets where the kernel had no such calls. */
import type { Results, WorkloadResult } from '@iommu-lab/conformance';
import { cellText } from './tally-text';
import { variantColumns } from './variant-columns';

/** The lines of the matrix, one table for each profile. */
export function workloadMatrix(results: Results, width: number): string[] {
  const variants = results.rows.map((row) => row.variant);
  const tables = sections(results).flatMap(({ title, workloads }, index) => [
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
  const counterfactual = results.byWorkload.some(({ cells }) => cells.some((cell) => cell.counterfactual));
  return counterfactual ? [...tables, '', 'in brackets: a kernel that had no such calls'] : tables;
}

interface Section {
  readonly title: string;
  readonly workloads: readonly { readonly name: string; readonly result: WorkloadResult }[];
}

/** The workloads by the profile with which their ids begin, which is then left out of the names. */
export function sections(results: Results): Section[] {
  return results.profiles.map(({ id, evidence }) => ({
    title: evidence === 'read' ? `${id} (read, not recorded)` : id,
    workloads: results.byWorkload
      .filter((workload) => workload.id.startsWith(`${id}/`))
      .map((result) => ({ name: result.id.slice(id.length + 1), result })),
  }));
}

function cellOf(workload: WorkloadResult, variant: string): string {
  const cell = workload.cells.find((each) => each.variant === variant);
  if (cell === undefined) return '-';
  return cell.counterfactual ? `(${cellText(cell)})` : cellText(cell);
}
