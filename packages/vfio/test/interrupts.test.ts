/**
 * SET_IRQS, as recorded in device/irqs. The recording does not show what the program did at the device in between: it
 * raised the interrupt before the first wait, and acknowledged it before the second unmask.
 */
import { expect, test } from 'vitest';
import { calls, isReturned } from '../src/index';
import { Program } from './program';
import { GROUP } from './recorded-profile';

const NONE_TRIGGER = 33;
const EVENTFD_TRIGGER = 36;
const NONE_UNMASK = 17;
const RAISE = 0x60n;
const ACKNOWLEDGE = 0x64n;

function opened() {
  const p = new Program();
  const { g } = p.container(GROUP.solo1);
  const d = p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0'));
  p.ret(calls.configWrite(d, 4n, 2, 6n));
  const eventfd = () => {
    const answer = p.system.eventfd(p.task);
    return isReturned(answer) ? answer.ret : -1;
  };
  const set = (flags: number, index: number, count: number, data: number[] = [], start = 0) =>
    p.try(calls.setIrqs(d, { flags, index, start, count, data }));
  const fired = (fd: number) => p.system.waitEvent(p.task, fd, 100);
  return { p, d, eventfd, set, fired };
}

test('MSI, then INTx (device/irqs)', () => {
  const { p, d, eventfd, set, fired } = opened();
  const e = eventfd();
  const e2 = eventfd();
  expect(set(NONE_TRIGGER, 1, 1)).toBe('EINVAL');
  expect(set(EVENTFD_TRIGGER, 1, 2, [e, e])).toBe('EINVAL');
  expect(set(EVENTFD_TRIGGER, 1, 1, [e], 1)).toBe('EINVAL');
  expect(set(EVENTFD_TRIGGER, 1, 1, [999])).toBe('EBADF');
  expect(set(EVENTFD_TRIGGER, 1, 1, [e])).toBe('ok');
  p.ret(calls.barWrite(d, RAISE, 4, 1n));
  expect(fired(e)).toBe(true);
  expect(set(NONE_TRIGGER, 1, 1)).toBe('ok');
  expect(fired(e)).toBe(true);
  expect(set(EVENTFD_TRIGGER, 0, 1, [e2])).toBe('EINVAL');
  expect(set(12, 1, 1, [e])).toBe('ENOTTY');
  expect(set(9, 1, 1)).toBe('ENOTTY');
  expect(set(EVENTFD_TRIGGER, 1, 1, [-1])).toBe('ok');
  expect(set(EVENTFD_TRIGGER, 0, 1, [e2])).toBe('EINVAL');
  expect(set(NONE_TRIGGER, 1, 0)).toBe('ok');
  // The device still asserts INTx: it fires at once, is masked, and fires again when it is unmasked.
  expect(set(EVENTFD_TRIGGER, 0, 1, [e2])).toBe('ok');
  expect(fired(e2)).toBe(true);
  expect(fired(e2)).toBe(false);
  expect(set(NONE_UNMASK, 0, 1)).toBe('ok');
  expect(fired(e2)).toBe(true);
  p.ret(calls.barWrite(d, ACKNOWLEDGE, 4, 1n));
  expect(set(NONE_UNMASK, 0, 1)).toBe('ok');
  expect(fired(e2)).toBe(false);
  p.end();
});

test('bad arguments, and the request interrupt (device/irqs)', () => {
  const { p, eventfd, set, fired } = opened();
  const e = eventfd();
  expect(set(EVENTFD_TRIGGER, 0, 1, [e])).toBe('ok');
  expect(set(EVENTFD_TRIGGER, 0, 2, [e, e])).toBe('EINVAL');
  expect(set(EVENTFD_TRIGGER, 2, 1, [e])).toBe('EINVAL');
  expect(set(EVENTFD_TRIGGER, 9, 1, [e])).toBe('EINVAL');
  expect(set(32, 0, 1, [e])).toBe('EINVAL');
  expect(set(4, 0, 1, [e])).toBe('ENOTTY');
  expect(set(37, 0, 1, [e])).toBe('EINVAL');
  expect(set(44, 0, 1, [e])).toBe('ENOTTY');
  expect(set(EVENTFD_TRIGGER, 3, 1, [e])).toBe('EINVAL');
  expect(set(EVENTFD_TRIGGER, 4, 1, [e])).toBe('ok');
  expect(set(NONE_TRIGGER, 4, 1)).toBe('ok');
  expect(fired(e)).toBe(true);
  p.end();
});
