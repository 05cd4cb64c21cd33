import { describe, expect, it } from 'vitest';
import { isSought } from '../../src/scenario/sought';

const freed = { kind: 'use-after-free', object: 'device:0000:00:05.0', message: 'touches it' } as const;
const broken = { kind: 'invariant', object: null, message: 'I2: on nothing' } as const;

describe('a violation is what a scenario looks for', () => {
  it.each([
    ['where it looks for nothing in particular', undefined, freed, true],
    ['by kind', [{ kind: 'use-after-free' }], freed, true],
    ['not of another kind', [{ kind: 'leak' }], freed, false],
    ['any of several', [{ kind: 'leak' }, { kind: 'invariant' }], broken, true],
    ['by object', [{ kind: 'use-after-free', object: 'device:0000:00:05.0' }], freed, true],
    ['by the beginning of it', [{ kind: 'use-after-free', object: 'device:*' }], freed, true],
    ['not of another object', [{ kind: 'use-after-free', object: 'device_domain_info:*' }], freed, false],
    ['not without an object', [{ kind: 'invariant', object: 'device:*' }], broken, false],
    ['by what it says', [{ kind: 'invariant', says: 'I2' }], broken, true],
    ['not if it says something else', [{ kind: 'invariant', says: 'I1' }], broken, false],
  ] as const)('%s', (_, looksFor, violation, expected) => {
    expect(isSought(looksFor === undefined ? {} : { looksFor }, violation)).toBe(expected);
  });
});
