import { describe, expect, it } from 'vitest';
import { InputError } from '../src/input-error';

describe('InputError', () => {
  it('puts the place before the message', () => {
    const error = new InputError('expected a hex string like "0x1000", got 12', {
      source: 'map.jsonl',
      line: 17,
      field: 'args.iova',
    });
    expect(error.message).toBe('map.jsonl:17: field args.iova: expected a hex string like "0x1000", got 12');
    expect(error.place).toEqual({ source: 'map.jsonl', line: 17, field: 'args.iova' });
    expect(error.name).toBe('InputError');
    expect(error).toBeInstanceOf(Error);
  });

  it('leaves out what it does not know', () => {
    expect(new InputError('empty', { source: 'a' }).message).toBe('a: empty');
    expect(new InputError('not JSON', { source: 'a', line: 2 }).message).toBe('a:2: not JSON');
    expect(new InputError('missing', { source: 'a', field: 'id' }).message).toBe('a: field id: missing');
  });
});
