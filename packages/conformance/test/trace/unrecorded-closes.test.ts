/** What a recorder did without a step, and how little it takes for nothing to be added. */
import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/grammar/step';
import { recordings } from '../../src/recordings';
import { unrecordedCloses } from '../../src/trace/unrecorded-closes';

const unbind: Step = { op: 'sysfs.unbind', args: { dev: 'hot', async: true }, ret: 0, errno: null };
const open: Step = {
  op: 'VFIO_GROUP_GET_DEVICE_FD',
  args: { fd: 'g', dev: 'hot' },
  ret: 0,
  errno: null,
  out: { handle: 'd2' },
};
const done: Step = { op: 'sysfs.unbind.done', args: { dev: 'hot' }, ret: 0, errno: null, out: {} };

describe('a close without a step', () => {
  it('comes before the end of the wait that it must have allowed', () => {
    expect(unrecordedCloses([unbind, open, done])).toEqual([{ before: 2, handle: 'd2' }]);
  });

  const nothing: readonly [string, readonly Step[]][] = [
    ['a step closes the descriptor', [unbind, open, { op: 'close', args: { handle: 'd2' } }, done]],
    ['a step still uses it', [unbind, open, done, { op: 'VFIO_DEVICE_RESET', args: { fd: 'd2' } }]],
    ['it was opened before the wait', [open, unbind, done]],
    ['it could not be opened', [unbind, { ...open, ret: -1, errno: 'ENODEV', out: {} }, done]],
    ['the wait is not over', [unbind, open, { ...done, out: { blocked: true } }]],
    ['another device waits', [{ ...unbind, args: { dev: 'solo1', async: true } }, open, done]],
    ['the wait is never asked for', [unbind, open]],
  ];
  it.each(nothing)('is not there where %s', (_, steps) => {
    expect(unrecordedCloses(steps)).toEqual([]);
  });

  it('is in the recordings only where a device can be opened while it is unbound', () => {
    const found = recordings().flatMap(({ profile, cases }) =>
      cases.flatMap(({ id, unrecorded = [] }) =>
        unrecorded.map(({ handle }) => `${profile}/${id} ${handle}`),
      ),
    );
    const kernels = found.map((each) => each.slice(0, each.indexOf('/hotplug/')));
    expect([...new Set(kernels)]).toEqual(['debian-5.10-intel', 'debian-6.1-intel']);
    expect(found).toHaveLength(6);
  });
});
