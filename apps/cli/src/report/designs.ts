/** The main table of the report: one row a design. On a narrow page each row becomes a card. */
import type { ResultRow, Results } from '@iommu-lab/conformance';
import { blackoutText, costOf, declaredSteps, hazardsText } from '../render/design-rows';
import { declaredText, equalOfAll } from '../render/tally-text';
import { escapeHtml, section } from './html';

const LABELS = [
  'Recorded kernels: steps equal',
  'Own workloads: steps equal',
  'Hazards that can happen',
  'Entry points called',
  'Locks taken',
  'Steps held',
  'Invalidations',
  'Context writes',
  'DMA blackout',
] as const;

/** The section. */
export function designs(results: Results): string {
  const head = LABELS.map((label) => `<th scope="col" class="number">${label}</th>`).join('');
  const table = `<table class="design">
<thead><tr><th scope="col">Design</th>${head}</tr></thead>
<tbody>
${results.rows.map(row).join('\n')}
</tbody>
</table>
${declarations(results)}<p class="faint">Hazards: those that a design lets happen at kernel 6.12, of those that were judged for each design. Locks, steps held, invalidations and context writes: what a join, a move and a leave of one group cost
together in the model. DMA blackout: steps without DMA while a group is moved to another domain; * only while the
driver rewrites its entries. The kinds of column say different things and are not added up.</p>`;
  return section('designs', 'Designs', table);
}

/** What of the missing steps the designs declare; empty where none declares anything. */
function declarations({ rows }: Results): string {
  const sentences = rows.flatMap((row) => {
    const declared = declaredSteps(row);
    return declared === 0 ? [] : [`${escapeHtml(row.variant)}: ${declaredText(declared)}.`];
  });
  return sentences.length === 0 ? '' : `<p class="faint">${sentences.join(' ')}</p>\n`;
}

function row(result: ResultRow): string {
  const cost = costOf(result);
  const cells = [
    equalOfAll(result.conformance),
    equalOfAll(result.workloads),
    hazardsText(result),
    String(result.entryPoints.length),
    String(cost.lockAcquisitions),
    String(cost.stepsHeld),
    String(cost.invalidations),
    String(cost.contextWrites),
    blackoutText(result),
  ];
  const differs = [result.conformance.differing > 0, result.workloads.differing > 0];
  const shown = cells.map(
    (text, k) =>
      `<td class="number" data-label="${LABELS[k]}">${differs[k] ? `<span class="bad">${text}</span>` : text}</td>`,
  );
  const id = escapeHtml(result.variant);
  return `<tr data-variant="${id}"><th scope="row">${id}<span class="title">${escapeHtml(result.title)}</span></th>${shown.join('')}</tr>`;
}
