/** Why an order never came, or that both did. */
import { describe, expect, it } from 'vitest';
import { type Because, type Deciding, explore, type Program } from '../../src/index';
import { registry } from '../programs/registry';

/** The reader's use of a member of the thing, and the end of the thing's life. */
const DECIDING: Deciding = {
  use: { thread: 'reader', operation: 'load', target: 'thing:only.value' },
  end: { operation: 'kfree', target: 'thing:only' },
};

function seenOf(given: Program, deciding: Deciding = DECIDING): Because {
  const { because, verdict } = explore(given, { deciding });
  expect(verdict).toBe('COMPLETE');
  if (because === null) throw new Error('nothing was looked at');
  return because;
}

describe('because', () => {
  it('names the lock that is held over the use and taken on the way to the end', () => {
    const because = seenOf(registry('lock'));
    // The critical sections come in two orders; where the remover's is first, the reader finds nothing to use.
    expect(because).toMatchObject({ useFirst: 1, endFirst: 0, apart: 1 });
    expect(because).toMatchObject({ locks: ['registry.lock'], references: [] });
    expect(because.text).toContain('registry.lock is held over the use and taken on the way to the end');
  });

  it('names the reference that is held over the use', () => {
    const because = seenOf(registry('reference'));
    expect(because).toMatchObject({ endFirst: 0, locks: [] });
    expect(because.useFirst).toBeGreaterThan(0);
    expect(because.references).toEqual(['thing:only.references']);
    expect(because.text).toContain('a reference on thing:only.references is held over the use');
  });

  it('says that both orders ran', () => {
    const because = seenOf(registry('nothing'));
    // The reader came first: its use is before the free or after it. Else it finds nothing.
    expect(because).toMatchObject({ useFirst: 1, endFirst: 1, apart: 1, locks: [], references: [] });
    expect(because.text).toBe('both orders ran: use first 1 times, end first 1 times');
  });

  it('says that the events never both came', () => {
    const never = { ...DECIDING, end: { operation: 'kfree', target: 'thing:another' } };
    const because = seenOf(registry('nothing'), never);
    expect(because).toMatchObject({ useFirst: 0, endFirst: 0, apart: 3 });
    expect(because.text).toBe('the deciding events never both came');
  });

  it('takes a use without a target to be one of a member of what ends', () => {
    const any = { use: { thread: 'reader', operation: 'load' }, end: DECIDING.end };
    expect(seenOf(registry('nothing'), any)).toEqual(seenOf(registry('nothing')));
  });
});
