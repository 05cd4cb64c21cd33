import { describe, expect, it } from 'vitest';
import { parseCase, parseCases } from '../../src/grammar/case';
import { parseWorkload } from '../../src/grammar/workload';
import { InputError } from '../../src/input-error';

const head = { id: 'own/join', title: 'a group joins', needs: [], profile: 'debian-6.12-intel' };
const open = { op: 'open_container', args: {}, out: { handle: 'c' } };
const setIommu = { op: 'VFIO_SET_IOMMU', args: { fd: 'c', type: 3 }, errno: 'EINVAL' };

describe('parseCase', () => {
  const whole = { ...head, clause: 'S-4.2', steps: [open, setIommu], expect: { audit: false } };

  it('takes steps with some expectations or none', () => {
    expect(parseCase(whole, 'c.json')).toEqual(whole);
    expect(parseCase({ ...head, steps: [] }, 'c.json')).toEqual({ ...head, steps: [] });
  });

  it.each([
    [{ clause: '4.2' }, 'field clause: expected a clause like "S-4.2", got "4.2"'],
    [{ needs: 'nesting' }, 'field needs: expected Array, got "nesting"'],
    [{ needs: [''] }, 'field needs[0]: expected a name, got ""'],
    [{ expect: { audit: 1 } }, 'field expect.audit: expected true or false, got 1'],
    [{ steps: [open, { ...setIommu, op: 'SET_IOMMU' }] }, 'field steps[1].op: unknown operation "SET_IOMMU"'],
    [{ steps: [{ op: 'end' }] }, 'field steps[0].args: missing'],
    [{ steps: [open, 7] }, 'field steps[1]: expected an object, got 7'],
    [{ steps: [{ ...open, out: { handle: '' } }] }, 'field steps[0].out.handle: expected a name, got ""'],
    [
      { author: 'me' },
      'field author: no such field (there are: id, title, profile, needs, clause, expect, steps)',
    ],
  ])('refuses %j', (change, message) => {
    expect(() => parseCase({ ...whole, ...change }, 'c.json')).toThrow(
      new InputError(message, { source: 'c.json' }).message,
    );
  });

  it.each(['id', 'title', 'profile', 'needs', 'steps'])('refuses one without %s', (key) => {
    const rest = Object.fromEntries(Object.entries(whole).filter(([each]) => each !== key));
    expect(() => parseCase(rest, 'c.json')).toThrow(`c.json: field ${key}: missing`);
  });

  it('says where in a list of cases', () => {
    const other = { ...whole, id: 'own/leave' };
    expect(parseCases([whole, other], 'c.json').map(({ id }) => id)).toEqual(['own/join', 'own/leave']);
    expect(() => parseCases([whole, { ...whole, id: 3 }], 'c.json')).toThrow(
      'c.json: field [1].id: expected a name, got 3',
    );
    expect(() => parseCases([{ ...whole, steps: [{ op: 'x', args: {} }] }], 'c.json')).toThrow(
      'c.json: field [0].steps[0].op: unknown operation "x"',
    );
    expect(() => parseCases(whole, 'c.json')).toThrow(/^c\.json: expected Array, got \{"id":"own\/join"/);
  });

  it('shortens what it got', () => {
    const long = 'x'.repeat(100);
    expect(() => parseCase({ ...whole, expect: long }, 'c.json')).toThrow(
      `c.json: field expect: expected an object, got "${'x'.repeat(56)}...`,
    );
  });
});

describe('parseWorkload', () => {
  const whole = { ...head, steps: [open, { op: 'port.attachNew', args: { handle: 'h' }, out: { id: 'd' } }] };

  it('takes steps that give names', () => {
    expect(parseWorkload(whole, 'w.json')).toEqual(whole);
  });

  it.each([
    [{ steps: [{ ...open, ret: 0 }] }, 'field steps[0].ret: no such field (there are: op, args, out)'],
    [{ steps: [{ ...open, out: { size: '0x1' } }] }, 'field steps[0].out.size: no such field'],
    [{ steps: [{ op: 'frob', args: {} }] }, 'field steps[0].op: unknown operation "frob"'],
    [{ clause: 'S-1' }, 'field clause: no such field (there are: id, title, profile, needs, steps)'],
  ])('refuses %j', (change, message) => {
    expect(() => parseWorkload({ ...whole, ...change }, 'w.json')).toThrow(`w.json: ${message}`);
  });
});
