import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { junit } from '../../src/results/junit';
import { exampleResults } from './example-results';

describe('junit', () => {
  const xml = junit(exampleResults);

  it('has a suite for each variant, a test case for each workload', () => {
    expect(xml.split('\n')).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="iommu-lab">',
      '  <testsuite name="group/attach" tests="3" failures="1" errors="0" skipped="1">',
      '    <testcase classname="group/attach" name="map/basic">',
      '      <failure message="2 of 5 steps differ">step 2: expected {&quot;ret&quot;:0}, got ' +
        '{&quot;ret&quot;:-1,&quot;errno&quot;:&quot;EBUSY&quot;}&#10;expected &quot;a &lt;b&gt; &amp; ' +
        '\\&quot;c\\&quot;&quot;, got &quot;bell \\u0007&quot;</failure>',
      '    </testcase>',
      '    <testcase classname="group/attach" name="move/&lt;warm&gt;">',
      '      <skipped message="needs &apos;nesting&apos;"/>',
      '    </testcase>',
      '    <testcase classname="group/attach" name="close"/>',
      '  </testsuite>',
      '  <testsuite name="device/raw" tests="1" failures="0" errors="0" skipped="0">',
      '    <testcase classname="device/raw" name="map/basic"/>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ]);
  });

  it('holds any text without breaking out of its place', () => {
    const [row] = exampleResults.rows;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (variant) => {
        const rows = row === undefined ? [] : [{ ...row, variant }];
        const lines = junit({ ...exampleResults, rows, byWorkload: [] }).split('\n');
        expect(lines).toHaveLength(6);
        const named = /^ {2}<testsuite name="([^"<>]*)" tests="0" failures="0" errors="0" skipped="0">$/.exec(
          lines[2] ?? '',
        );
        expect(unescaped(named?.[1] ?? '')).toBe(variant.replace(NOT_IN_XML, '\ufffd'));
      }),
    );
  });
});

/** What XML 1.0 has no way to write: its production Char, turned round. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_IN_XML = /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function unescaped(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string | undefined) =>
    code === undefined ? (named[name ?? ''] ?? '') : String.fromCodePoint(Number(code)),
  );
}
