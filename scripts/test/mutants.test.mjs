import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// The mutants themselves run for minutes (npm run mutants); whether they still fit the sources is known at once.
const root = join(import.meta.dirname, '../..');
const catalogue = JSON.parse(readFileSync(join(root, 'scripts/mutants/catalogue.json'), 'utf8'));

it.each(catalogue)('the patch of $id fits $file', ({ file, patches }) => {
  const source = readFileSync(join(root, file), 'utf8');
  for (const { find, replace } of patches) {
    expect(source.split(find).length - 1, `times that ${JSON.stringify(find)} occurs`).toBe(1);
    expect(replace).not.toBe(find);
  }
});

it('no two mutants have one name', () => {
  const ids = catalogue.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
