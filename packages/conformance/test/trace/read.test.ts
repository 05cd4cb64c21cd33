import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/input-error';
import { readTrace } from '../../src/trace/read';

const source = { name: 'map.jsonl', profile: 'p' };

const line = (fields: object) =>
  JSON.stringify({ case: 'a', step: 0, op: 'end', args: {}, ret: 0, errno: null, ...fields });

const open = line({ op: 'open_container', out: { handle: 'c' } });
const map = {
  op: 'VFIO_IOMMU_MAP_DMA',
  args: { fd: 'c', iova: '0x100000', vaddr: '0x100000000000', size: '0x1000', flags: 3 },
};

/** The message of the InputError that reading throws. */
function complaint(bytes: Uint8Array | string, from: Parameters<typeof readTrace>[1] = source): string {
  try {
    readTrace(bytes, from);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('no complaint');
}

const lines = (...each: string[]) => `${each.join('\n')}\n`;

describe('readTrace', () => {
  it('groups lines into cases, in order', () => {
    const text = lines(open, line({ step: 1 }), line({ case: 'b' }));
    const end = { op: 'end', args: {}, ret: 0, errno: null };
    expect(readTrace(text, source)).toEqual([
      {
        id: 'a',
        title: 'a',
        needs: [],
        profile: 'p',
        steps: [{ op: 'open_container', args: {}, ret: 0, errno: null, out: { handle: 'c' } }, end],
      },
      { id: 'b', title: 'b', needs: [], profile: 'p', steps: [end] },
    ]);
  });

  it('takes text, bytes and gzip alike', () => {
    const text = lines(open, line({ step: 1 }));
    const expected = readTrace(text, source);
    expect(readTrace(new TextEncoder().encode(text), source)).toEqual(expected);
    expect(readTrace(new Uint8Array(gzipSync(text)), source)).toEqual(expected);
  });

  it('takes a file without a last line break, with CRLF and with blank lines', () => {
    expect(readTrace(`${open}\r\n\r\n${line({ step: 1 })}`, source)[0]?.steps).toHaveLength(2);
  });

  it('keeps a call that never came back', () => {
    const dead = line({
      op: 'sysfs.bind',
      args: { dev: 'mf1', driver: 'uio_pci_generic' },
      ret: null,
      out: { kernel: 'BUG', at: 'vfio_iommu_group_notifier', driver: 'uio_pci_generic' },
    });
    expect(readTrace(dead, source)[0]?.steps[0]).toMatchObject({ ret: null, out: { kernel: 'BUG' } });
  });
});

describe('the profile of a trace', () => {
  it('is the parent folder, unless given', () => {
    expect(readTrace(open, { name: '/x/debian-6.12-intel/map.jsonl.gz' })[0]?.profile).toBe(
      'debian-6.12-intel',
    );
    expect(readTrace(open, { name: '/x/debian-6.12-intel/map.jsonl', profile: 'q' })[0]?.profile).toBe('q');
  });

  it.each(['map.jsonl', './map.jsonl', '../map.jsonl', '/map.jsonl'])('cannot be told from %s', (name) => {
    expect(complaint(open, { name })).toBe(
      `${name}: cannot tell the profile: it is the name of the parent folder, or given`,
    );
  });
});

describe('a malformed trace', () => {
  it('cut off in the middle of a line', () => {
    expect(complaint(lines(open, line({ step: 1 }).slice(0, 40)))).toMatch(/^map\.jsonl:2: not JSON: /);
  });

  it('cut off in the middle of the gzip data', () => {
    const gzip = new Uint8Array(gzipSync(lines(open, line({ step: 1 }))));
    expect(complaint(gzip.subarray(0, gzip.length - 20))).toBe('map.jsonl: gzip data is cut off or damaged');
  });

  it('of bytes that are no text', () => {
    expect(complaint(Uint8Array.from([0x7b, 0xff, 0xfe]))).toBe('map.jsonl: neither gzip nor UTF-8 text');
  });

  it.each([
    ['nothing', ''],
    ['blank lines', '\n \n'],
  ])('of %s', (_, text) => {
    expect(complaint(text)).toBe('map.jsonl: no steps: the trace is empty');
    expect(complaint(new TextEncoder().encode(text))).toBe('map.jsonl: no steps: the trace is empty');
  });

  it.each([
    ['a list', '[]'],
    ['a number', '7'],
    ['null', 'null'],
  ])('with %s for a line', (_, text) => {
    expect(complaint(lines(open, text))).toBe(`map.jsonl:2: expected an object, got ${text}`);
  });

  it('with a list for the arguments', () => {
    expect(complaint(line({ args: [] }))).toBe('map.jsonl:1: field args: expected an object, got []');
  });

  it('with a wrong type in the middle', () => {
    const wrong = line({ ...map, step: 1, args: { ...map.args, iova: 12 } });
    expect(complaint(lines(open, wrong, line({ step: 2 })))).toBe(
      'map.jsonl:2: field args.iova: expected a hex string like "0x1000", got 12',
    );
  });

  it('with an unknown operation', () => {
    expect(complaint(lines(open, line({ step: 1, op: 'VFIO_FROBNICATE' })))).toBe(
      'map.jsonl:2: field op: unknown operation "VFIO_FROBNICATE"',
    );
    expect(complaint(line({ op: 'toString' }))).toBe('map.jsonl:1: field op: unknown operation "toString"');
    expect(complaint(line({ op: 3 }))).toBe('map.jsonl:1: field op: expected the name of an operation');
  });

  it.each([
    ['a step left out', 2],
    ['a step twice', 0],
  ])('with %s', (_, step) => {
    expect(complaint(lines(open, line({ step })))).toBe(
      `map.jsonl:2: field step: expected step 1 of case "a", got ${step}`,
    );
  });

  it.each([-1, 1.5, '1'])('with %j for a step', (step) => {
    expect(complaint(line({ step }))).toMatch(/^map\.jsonl:1: field step: expected a (whole )?number/);
  });

  it('with a case that does not start at 0', () => {
    expect(complaint(lines(open, line({ case: 'b', step: 1 })))).toBe(
      'map.jsonl:2: field step: expected step 0 of case "b", got 1',
    );
  });

  it('with a case that comes back', () => {
    expect(complaint(lines(open, line({ case: 'b' }), line({ step: 1 })))).toBe(
      'map.jsonl:3: field case: case "a" was left and comes back',
    );
  });

  it.each(['case', 'step', 'op', 'args', 'ret', 'errno'])('without %s', (key) => {
    const fields = JSON.parse(open) as Record<string, unknown>;
    delete fields[key];
    expect(complaint(JSON.stringify(fields))).toBe(`map.jsonl:1: field ${key}: missing`);
  });

  it('with a missing argument', () => {
    const { size: _, ...rest } = map.args;
    expect(complaint(line({ ...map, args: rest }))).toBe('map.jsonl:1: field args.size: missing');
  });

  it('with an argument that the operation does not have', () => {
    expect(complaint(line({ ...map, args: { ...map.args, prot: 3 } }))).toBe(
      'map.jsonl:1: field args.prot: no such field (there are: fd, argsz, flags, vaddr, iova, size)',
    );
  });

  it('with an out that the operation does not have', () => {
    expect(
      complaint(line({ op: 'mem.unmap', args: { vaddr: '0x0', len: '0x1000' }, out: { runs: [] } })),
    ).toBe('map.jsonl:1: field out.runs: no such field (there are: kernel, at, warning, driver)');
  });

  it('with an unknown field in a line', () => {
    expect(complaint(line({ time: 3 }))).toMatch(/^map\.jsonl:1: field time: no such field/);
  });

  it('with an errno that does not go with ret', () => {
    expect(complaint(line({ ret: -1 }))).toBe(
      'map.jsonl:1: field errno: expected an errno name like "EINVAL" beside ret -1, got null',
    );
    expect(complaint(line({ errno: 'EBUSY' }))).toBe(
      'map.jsonl:1: field errno: expected null beside ret 0, got "EBUSY"',
    );
    expect(complaint(line({ ret: -1, errno: 'ENOSUCH' }))).toBe(
      'map.jsonl:1: field errno: expected an errno name like "EINVAL", got "ENOSUCH"',
    );
  });
});
