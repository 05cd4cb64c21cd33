/** Decisions that pin a contract name the tests that hold them, and these tests name the decision. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow } from '../rules/sources.mjs';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'docs/adr');
const files = readdirSync(folder).filter((file) => /^\d{4}-.*\.md$/.test(file));
const read = (path) => readFileSync(path, 'utf8');

/** The decisions with their numbers and the tests that they name. */
const decisions = files.map((file) => {
  const text = read(join(folder, file));
  const held = text.split('**Held by**')[1] ?? '';
  return {
    file,
    number: Number(file.slice(0, 4)),
    text,
    tests: [...held.matchAll(/`([^`]+)`/g)].map(([, path]) => path),
  };
});

/** Whether the text speaks of the decision: `ADR 3` and not `ADR 30`. */
const names = (text, number) => new RegExp(`ADR ${number}(?![0-9])`).test(text);

describe('decisions', () => {
  it('are numbered without gaps, begin with their number, and are in the list', () => {
    const list = read(join(folder, 'README.md'));
    expect(decisions.map(({ number }) => number)).toEqual(decisions.map((_, index) => index + 1));
    for (const { file, number, text } of decisions) {
      const title = text.split('\n')[0].replace(/^# \d+\. /, '');
      expect(text.startsWith(`# ${number}. `)).toBe(true);
      expect(list).toContain(`${number}. [${title}](${file})`);
    }
  });

  it('that pin contracts are held by tests, which name them', () => {
    for (const { number, tests } of decisions.filter((one) => one.number > 10)) {
      expect([number, tests.length]).not.toEqual([number, 0]);
      for (const test of tests) {
        expect([test, existsSync(join(root, test))]).toEqual([test, true]);
        expect([test, names(read(join(root, test)), number)]).toEqual([test, true]);
      }
    }
  });

  it('are the ones that sources and tests speak of', () => {
    const sources = filesBelow(root).filter((file) => /^(packages|apps)\/.*\.tsx?$/.test(file));
    const spoken = sources.flatMap((file) =>
      [...read(join(root, file)).matchAll(/ADR (\d+)/g)].map(([, number]) => `${file} ${number}`),
    );
    const known = new Set(decisions.map(({ number }) => String(number)));
    expect(spoken.filter((one) => !known.has(one.split(' ')[1]))).toEqual([]);
    expect(spoken.length).toBeGreaterThan(10);
  });
});
