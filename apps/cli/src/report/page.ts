/**
 * report.html: one file that needs nothing else, made from results.json and nothing else. No script: what is there can
 * be read in any browser, in a mail attachment and on paper.
 */
import type { Results } from '@iommu-lab/conformance';
import { counted } from '../render/tally-text';
import { designs } from './designs';
import { differenceSection, skipSection } from './differences';
import { entryPoints } from './entry-points';
import { escapeHtml } from './html';
import { matrix } from './matrix';
import { STYLE } from './style';

/** The whole document. */
export function page(results: Results): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>iommu-lab: ${counted(results.rows.length, 'design')} compared</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${[header(results), designs(results), differenceSection(results), skipSection(results), entryPoints(results), matrix(results)].filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

function header(results: Results): string {
  const kernels = results.profiles
    .map(({ id, era }) => `${escapeHtml(id)} (kernel ${escapeHtml(era)})`)
    .join(', ');
  return `<header>
<h1>IOMMU API designs, compared</h1>
<p class="faint">iommu-lab ${escapeHtml(results.suite)}; recorded kernels: ${kernels || 'none'}</p>
${verdict(results)}
</header>`;
}

function verdict({ reasons }: Results): string {
  if (reasons.length === 0) {
    return '<div class="verdict holds"><strong>Holds.</strong> Every step answers as it should, and nothing is left over.</div>';
  }
  const list = reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('');
  return `<div class="verdict fails"><strong>Does not hold.</strong><ul>${list}</ul></div>`;
}
