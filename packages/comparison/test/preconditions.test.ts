/** The counted deletions are committed: of every variant, as the deletion tool (`npm run preconditions`) left them. */
import { expect, it } from 'vitest';
import preconditions from '../data/preconditions.json';
import { VARIANTS } from '../src/index';

it('are those of every variant', () => {
  const counted = preconditions.map(({ variant }) => variant);
  expect(counted.sort()).toEqual(VARIANTS.map(({ id }) => id).sort());
});

it('are counted where a violation follows', () => {
  for (const { variant, count, deletions } of preconditions) {
    expect([variant, count]).toEqual([
      variant,
      deletions.filter(({ violation }) => violation !== null).length,
    ]);
  }
});
