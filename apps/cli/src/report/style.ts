/** The report's looks: light and dark as the reader's system asks, from 400 pixels up. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2024; --faint: #5b6470; --line: #d5dae0; --panel: #f4f6f8;
  --good: #14683a; --bad: #b3261e; --bad-panel: #fdecea; --good-panel: #e9f5ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e4e7ea; --faint: #9aa4ae; --line: #363d44; --panel: #1d2125;
    --good: #6fcf97; --bad: #ff8a80; --bad-panel: #3a1d1b; --good-panel: #16291f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 80rem;
  background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.25rem; overflow-wrap: anywhere; }
p { margin: 0.25rem 0 0.75rem; max-width: 46rem; }
.faint { color: var(--faint); }
code { font: 0.92em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.verdict { padding: 0.6rem 0.9rem; border-left: 4px solid; max-width: 46rem; margin: 1rem 0; }
.verdict.holds { border-color: var(--good); background: var(--good-panel); }
.verdict.fails { border-color: var(--bad); background: var(--bad-panel); }
.verdict ul { margin: 0.25rem 0 0; padding-left: 1.2rem; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible { outline: 2px solid var(--faint); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { vertical-align: bottom; border-bottom-width: 2px; font-size: 0.9em; line-height: 1.25; }
tbody th { font-weight: 600; }
td.number, th.number { text-align: right; }
td.mark, th.mark { text-align: center; }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); }
.matrix th[scope="row"], .entries th[scope="row"] {
  position: sticky; left: 0; background: var(--paper); font-weight: 400;
}
.matrix thead th, .entries thead th { min-width: 5.5rem; }
.design .title { display: block; font-weight: 400; color: var(--faint); font-size: 0.9em; }
.design th[scope="row"] { min-width: 16rem; max-width: 24rem; }
.entries code { overflow-wrap: normal; }
.difference { border-top: 1px solid var(--line); padding: 0.6rem 0; }
.difference ul { margin: 0.2rem 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
details > summary { cursor: pointer; font-weight: 600; padding: 0.3rem 0; }
@media (max-width: 44rem) {
  body { font-size: 14px; }
  th, td { padding: 0.3rem 0.45rem; }
  .matrix th[scope="row"], .entries th[scope="row"] { min-width: 9rem; max-width: 11rem; }
  .matrix thead th, .entries thead th { min-width: 0; }
  .matrix thead th.mark, .entries thead th.mark {
    writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; vertical-align: bottom; text-align: left;
    line-height: 1;
  }
  .design thead { display: none; }
  .design, .design tbody, .design tr, .design th, .design td { display: block; }
  .design tr { border: 1px solid var(--line); margin: 0 0 0.8rem; }
  .design th, .design th[scope="row"] { background: var(--panel); max-width: none; min-width: 0; }
  .design td { display: flex; justify-content: space-between; gap: 1rem; }
  .design td::before { content: attr(data-label); color: var(--faint); text-align: left; }
}
@media print { .scroll { overflow: visible; } .matrix th[scope="row"] { position: static; } }
`;
