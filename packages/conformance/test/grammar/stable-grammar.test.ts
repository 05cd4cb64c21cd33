/**
 * ADR 19: the words of the trace grammar, as `grammar.txt` lists them. The list is kept by hand: a word that is gone or
 * renamed makes recordings unreadable that others keep.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordings } from '../../src/recordings';
import { workloads } from '../../src/workloads/index';
import { grammarLines } from './grammar-text';

const listed = readFileSync(new URL('grammar.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const nameOf = (line: string) => line.slice(0, line.indexOf(':'));

describe('the trace grammar', () => {
  it('has the operations that are listed, with these arguments and outs', () => {
    const present = new Map(grammarLines().map((line) => [nameOf(line), line]));
    for (const line of listed) expect(present.get(nameOf(line)) ?? 'is gone').toBe(line);
  });

  it('has no operation that is not listed', () => {
    const names = listed.map(nameOf);
    expect(
      grammarLines()
        .map(nameOf)
        .filter((name) => !names.includes(name)),
    ).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is what recordings and workloads are written in', () => {
    const cases = [...recordings().flatMap((file) => file.cases), ...workloads()];
    const used = new Set(cases.flatMap(({ steps }) => steps.map((step): string => step.op)));
    const names = listed.map(nameOf);
    expect([...used].filter((name) => !names.includes(name))).toEqual([]);
  });
});
