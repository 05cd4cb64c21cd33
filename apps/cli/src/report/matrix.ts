/** Every workload on every variant. */
import type { Results, WorkloadResult } from '@iommu-lab/conformance';
import { sections } from '../render/matrix';
import { cellText, counted, wasSkipped } from '../render/tally-text';
import { breakable, escapeHtml, scrolling, section } from './html';

/** The section: one table for each profile. */
export function matrix(results: Results): string {
  const parts = sections(results)
    .filter(({ workloads }) => workloads.length > 0)
    .map(({ title, workloads }) => {
      const differing = workloads.filter(({ result }) =>
        result.cells.some((cell) => cell.differing > 0),
      ).length;
      const count = counted(workloads.length, 'workload');
      const differ = differing > 0 ? `, <span class="bad">${differing} with differences</span>` : '';
      const rows = workloads.map(({ name, result }) => row(name, result, results));
      return `<details open>
<summary>${escapeHtml(title)}: ${count}${differ}</summary>
${scrolling(`Workloads of ${title}`, table(rows, results))}
</details>`;
    });
  return section('workloads', 'Workload by workload', parts.join('\n'));
}

function table(rows: readonly string[], results: Results): string {
  const head = results.rows
    .map((each) => `<th scope="col" class="mark">${breakable(each.variant)}</th>`)
    .join('');
  return `<table class="matrix">
<thead><tr><th scope="col">Workload</th>${head}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function row(name: string, workload: WorkloadResult, results: Results): string {
  const cells = results.rows.map(({ variant }) => {
    const cell = workload.cells.find((each) => each.variant === variant);
    const attributes = `class="mark" data-variant="${escapeHtml(variant)}"`;
    if (cell === undefined) return `<td ${attributes}>-</td>`;
    const kind = cell.differing > 0 ? 'bad' : wasSkipped(cell) ? 'faint' : 'good';
    return `<td ${attributes}><span class="${kind}">${cellText(cell)}</span></td>`;
  });
  const title = workload.title === name ? '' : ` title="${escapeHtml(workload.title)}"`;
  const own = workload.recorded ? '' : ' <span class="faint">(own)</span>';
  return `<tr data-case="${escapeHtml(workload.id)}"><th scope="row"${title}>${breakable(name)}${own}</th>${cells.join('')}</tr>`;
}
