/** What differs and what was not run. */
import type { Results } from '@iommu-lab/conformance';
import { differences, fieldText, skipGroups } from '../render/differences';
import { repeatTrace } from '../render/repeat';
import { counted } from '../render/tally-text';
import { escapeHtml, section } from './html';

/** More than these say nothing new; results.json has them all. */
const MOST = 200;

/** The section of differences; empty where there are none. */
export function differenceSection(results: Results): string {
  const all = differences(results.failures);
  const blocks = all.slice(0, MOST).map((one) => {
    const where = one.step === undefined ? '' : `, step ${one.step}`;
    const fields = one.fields.map((field) => `<li>${escapeHtml(fieldText(field))}</li>`).join('');
    return `<div class="difference" data-case="${escapeHtml(one.id)}">
<h3>${escapeHtml(one.id)}${where}</h3>
<div class="faint">${escapeHtml(one.variants.join(', '))}</div>
<ul>${fields}</ul>
<code>${escapeHtml(repeatTrace(one))}</code>
</div>`;
  });
  const rest = all.length > MOST ? `<p>and ${all.length - MOST} more: see results.json</p>` : '';
  return section('differences', counted(all.length, 'difference'), blocks.join('\n') + rest);
}

/** The section of what was not run; empty where everything was. */
export function skipSection(results: Results): string {
  const groups = skipGroups(results.skips).map(({ reason, ids, variants }) => {
    const list = ids.map((id) => `<code>${escapeHtml(id)}</code>`).join(', ');
    return `<details><summary>${counted(ids.length, 'case')} on ${escapeHtml(variants.join(', '))}: ${escapeHtml(reason)}</summary>
<p>${list}</p></details>`;
  });
  return section('skipped', 'Skipped', groups.join('\n'));
}
