/** report.html: whole, self-contained, and nothing in it that data could break. */
import type { Results } from '@iommu-lab/conformance';
import { describe, expect, it } from 'vitest';
import { page } from '../src/report/page';
import { fixtureResults } from './fixtures/results';

const html = page(fixtureResults);

/** Elements that have no end tag. */
const VOID = new Set(['meta', 'wbr']);

/** The tags that are opened and not closed, or closed and not opened. */
function unbalanced(document: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name] of document
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (name === undefined || VOID.has(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the report', () => {
  it('is one well-formed file without a script and without anything from elsewhere', () => {
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import|https?:/);
  });

  it('follows the light and dark of the system', () => {
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('@media (prefers-color-scheme: dark)');
  });

  it('has a row for each design, a cell for each workload on each design', () => {
    expect(html.match(/<tr data-variant=/g)).toHaveLength(5);
    expect(html.match(/<tr data-case=/g)).toHaveLength(3);
    expect(html.match(/<td class="mark" data-variant=/g)).toHaveLength(15);
    expect(html).toContain('<span class="bad">2128/2130</span>');
    expect(html).toContain('<span class="bad">2 differ</span>');
    expect(html).toContain('<span class="faint">skipped</span>');
  });

  it('tells what differs, with the command that shows it again, and what was skipped', () => {
    expect(html).toContain('<li>errno: expected none, seen EBUSY</li>');
    expect(html).toContain(
      '<code>iommu-lab trace debian-6.1-intel/container/second-group-with-a-long-name --variant device/raw</code>',
    );
    expect(html).toContain('the variant does not support nesting');
    expect(html).toContain('<li>3 answers differ</li>');
  });

  it('lets no text out of its place', () => {
    expect(html).toContain('&lt;memory&gt;');
    expect(html).toContain('What device/raw does &amp; &lt;why&gt;');
    expect(html).toContain('title="A move &amp; a &lt;warm&gt; IOTLB"');
    const hostile = '"><script>alert(1)</script>';
    const named: Results = {
      ...fixtureResults,
      suite: hostile,
      reasons: [hostile],
      rows: fixtureResults.rows.map((row) => ({
        ...row,
        variant: hostile,
        title: hostile,
        entryPoints: [hostile],
      })),
      skips: [{ id: hostile, variant: hostile, reason: hostile }],
      failures: [{ id: hostile, variant: hostile, expected: hostile, actual: hostile }],
    };
    expect(page(named)).not.toContain('<script');
  });

  it('says that it holds, and leaves out what there is nothing of', () => {
    const good = page({ ...fixtureResults, reasons: [], failures: [], skips: [] });
    expect(good).toContain('<strong>Holds.</strong>');
    expect(good).not.toContain('id="differences"');
    expect(good).not.toContain('id="skipped"');
    expect(unbalanced(good)).toEqual([]);
  });

  it('shows no score, no winner, and no column of a kind that was not measured', () => {
    expect(html).not.toMatch(/winner|score|safety/i);
  });
});
