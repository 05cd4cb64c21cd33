/** Which design calls which entry point. */
import type { Results } from '@iommu-lab/conformance';
import { allEntryPoints } from '../render/design-rows';
import { breakable, scrolling, section } from './html';

/** The section; empty where no design called anything. */
export function entryPoints(results: Results): string {
  const names = allEntryPoints(results.rows);
  if (names.length === 0) return '';
  const head = results.rows
    .map((row) => `<th scope="col" class="mark">${breakable(row.variant)}</th>`)
    .join('');
  const rows = names.map((name) => {
    const cells = results.rows.map((row) => {
      const called = row.entryPoints.includes(name);
      return `<td class="mark">${called ? '<span aria-label="called">&#9679;</span>' : ''}</td>`;
    });
    return `<tr><th scope="row"><code>${breakable(name)}</code></th>${cells.join('')}</tr>`;
  });
  const table = `<table class="entries">
<thead><tr><th scope="col">Entry point</th>${head}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
  return section(
    'entry-points',
    'Entry points that VFIO calls through each design',
    scrolling('Entry points', table),
  );
}
