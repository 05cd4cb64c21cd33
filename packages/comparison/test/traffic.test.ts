/**
 * Domain changes under traffic. What is expected is what kernels are known to do: since 5.19 a detach from an owned group
 * leads to a domain that blocks; before, to the default domain, which may be identity; a direct replace leads nowhere in
 * between, though how a driver rewrites its entries is its own business; the rules of rollback by era.
 */
import { parseTrafficReport, profile, type TrafficResult, trafficWorkloads } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { beforeAll, describe, expect, it } from 'vitest';
import { blackoutOf, findVariant, traffic, trafficMachines, VARIANTS } from '../src/index';

/** A claim blocks, and a detach while owned does. */
const BLOCKING = ['5.19', '6.1', '6.6', '6.12', '7.2'];
/** After a failed attach the members are put back. */
const ROLLBACK = ['6.1', '6.6', '6.12', '7.2'];

const isDirect = (id: string) => findVariant(id).supports.includes('direct-replace');
const attachesWithContainer = (id: string) => findVariant(id).ports.domain?.attachTime === 'container';

let results: readonly TrafficResult[] = [];

/** Results of a workload whose set-up the design can perform, at some kernels. Never none. */
function of(
  workload: string,
  eras: readonly string[],
  wanted: (id: string) => boolean,
): readonly TrafficResult[] {
  const found = results.filter(
    (one) =>
      one.case === workload &&
      eras.includes(one.era) &&
      wanted(one.variant) &&
      attachesWithContainer(one.variant),
  );
  expect(found.length).toBeGreaterThan(0);
  return found;
}

const name = ({ variant, machine }: TrafficResult) => `${variant} on ${machine}`;
const every = () => true;
const sum = ({ devices }: TrafficResult, of: 'old' | 'new' | 'blocked' | 'dropped' | 'foreign') =>
  devices.reduce((total, device) => total + device[of], 0);

beforeAll(() => {
  const identity = { ...profile('debian-6.12-intel'), defaultDomain: 'identity' as const };
  results = traffic({ machines: [...trafficMachines(), identity] }).results;
}, 120_000);

describe('a group under traffic', () => {
  it('is measured for every design, workload and recorded machine, as the published schema says', () => {
    const report = traffic();
    expect(parseTrafficReport(JSON.parse(JSON.stringify(report)), 'traffic')).toEqual(report);
    const count = VARIANTS.length * trafficWorkloads().length * trafficMachines().length;
    expect(report.results).toHaveLength(count);
    expect(report.results).toEqual(results.slice(0, count));
  });

  it('that stays where it is loses nothing', () => {
    for (const one of of('no-switch', BLOCKING, every)) {
      expect(one.devices.map(({ old }) => old > 2)).toEqual([true, true]);
      const others = one.devices.map((d) => [d.new, d.blocked, d.dropped, d.foreign, d.blackout]);
      expect(others, name(one)).toEqual([
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ]);
    }
  });

  it('reaches both domains and nothing else in a move, and ends on the second', () => {
    for (const one of of('move', BLOCKING, every)) {
      expect(one.failed, name(one)).toEqual([]);
      expect(one.violations, name(one)).toEqual([]);
      for (const device of one.devices) {
        expect(device, name(one)).toMatchObject({ attached: 'to', domain: 'to', foreign: 0 });
        expect(device.old, name(one)).toBeGreaterThan(0);
        expect(device.new, name(one)).toBeGreaterThan(0);
      }
    }
  });

  it('is never blocked in a direct replace; VT-d drops what comes while it rewrites an entry', () => {
    for (const one of of('move', BLOCKING, isDirect)) {
      expect(sum(one, 'blocked'), name(one)).toBe(0);
      for (const { dropped, blackout } of one.devices) {
        // Linux's driver clears a context entry before it writes the next.
        expect(dropped, name(one)).toBeGreaterThan(0);
        expect(blackout, name(one)).toBe(dropped);
      }
    }
  });

  it('is blocked where a detach comes before the attach, for longer than a direct replace drops', () => {
    const [direct] = of('move', ['6.12'], isDirect);
    for (const one of of('move', BLOCKING, (id) => !isDirect(id))) {
      for (const device of one.devices) expect(device.blocked, name(one)).toBeGreaterThan(0);
      expect(blackoutOf(one), name(one)).toBeGreaterThan(blackoutOf(direct as TrafficResult) as number);
    }
  });

  it('joins a container: blocked until its domain has the mapping', () => {
    for (const one of of('join', BLOCKING, every)) {
      expect(one.failed, name(one)).toEqual([]);
      for (const device of one.devices) {
        expect(device.new, name(one)).toBeGreaterThan(0);
        expect(device.foreign, name(one)).toBe(0);
        if (one.defaultDomain === 'dma') expect(device, name(one)).toMatchObject({ old: 0, dropped: 0 });
        expect(device.blackout, name(one)).toBeGreaterThan(0);
      }
    }
  });

  it.each(['leave', 'release'])(
    '%s: back on its default domain, which blocks unless it is identity',
    (workload) => {
      for (const one of of(workload, BLOCKING, every)) {
        const identity = one.defaultDomain === 'identity';
        for (const device of one.devices) {
          expect(device, name(one)).toMatchObject({ attached: 'default', domain: 'default', foreign: 0 });
          expect(device.old, name(one)).toBeGreaterThan(0);
          expect(device.blocked, name(one)).toBeGreaterThan(0);
          // Ownership has ended: with an identity domain the device reaches all memory again.
          expect(device.new > 0, name(one)).toBe(identity);
          expect(device.blackout === null, name(one)).toBe(!identity);
        }
      }
    },
  );
});

describe('a move that fails at a member', () => {
  const FAILURES = ['move-fails-at-first-member', 'move-fails-at-second-member'];
  const BOTH_WAYS = ['move-and-way-back-fail-at-first-member', 'move-and-way-back-fail-at-second-member'];

  it.each(FAILURES)('%s: every member goes back where there is a rollback', (workload) => {
    for (const one of of(workload, ROLLBACK, every)) {
      expect(one.failed, name(one)).toEqual([{ op: 'port.move', errno: 'EINVAL', nowOn: 'from' }]);
      expect(one.violations, name(one)).toEqual([]);
      for (const device of one.devices) {
        expect(device, name(one)).toMatchObject({ attached: 'from', domain: 'from', foreign: 0 });
        expect(device.blackout, name(one)).not.toBeNull();
      }
    }
  });

  it('shows the new domain to the members before the one that fails, and to no other', () => {
    for (const [failing, workload] of FAILURES.entries()) {
      for (const one of of(workload, ROLLBACK, every)) {
        const reached = one.devices.map((device) => device.new > 0);
        expect(reached, name(one)).toEqual([failing === 1, false]);
      }
    }
  });

  it.each(BOTH_WAYS)('%s: no member stays on the new domain', (workload) => {
    for (const one of of(workload, ROLLBACK, every)) {
      for (const device of one.devices) {
        expect(device.attached, name(one)).not.toBe('to');
        expect(device.foreign, name(one)).toBe(0);
      }
    }
  });

  it.each(BOTH_WAYS)('%s: a detach and attach says so, and leaves all members blocked', (workload) => {
    // The replace of January 2022 does not look whether its way back has worked.
    const twoCalls = (id: string) => !isDirect(id) && id !== 'group/replace-v1';
    for (const one of of(workload, ['6.1', '6.12'], twoCalls)) {
      expect(one.failed, name(one)).toEqual([{ op: 'port.move', errno: 'EINVAL', nowOn: null }]);
      expect(one.violations, name(one)).toEqual([]);
      for (const device of one.devices) {
        expect(device, name(one)).toMatchObject({ attached: 'blocking', domain: 'blocking', blackout: null });
      }
    }
  });

  it('6.12 parks the member that cannot go back on the blocking domain, and the group says otherwise', () => {
    for (const [failing, workload] of BOTH_WAYS.entries()) {
      for (const one of of(workload, ['6.12'], isDirect)) {
        const attached = ['from', 'from'];
        attached[failing] = 'blocking';
        expect(one.devices.map((device) => device.attached)).toEqual(attached);
        expect(one.devices.map(({ domain }) => domain)).toEqual(['from', 'from']);
        expect(one.violations.some((text) => text.includes('I1'))).toBe(true);
      }
    }
  });

  it('6.1 says that the group is on nothing when attaching all members again has failed', () => {
    for (const workload of BOTH_WAYS) {
      for (const one of of(workload, ['6.1'], isDirect)) {
        expect(one.devices.map(({ domain }) => domain)).toEqual([null, null]);
        expect(one.violations.some((text) => text.includes('I1'))).toBe(true);
      }
    }
  });
});

/** The designs over a group that nobody owns: as before ownership, a detach leads to the default domain. */
function unowned(variant: Variant, defaultDomain: 'dma' | 'identity'): TrafficResult {
  const workloads = trafficWorkloads()
    .filter(({ id }) => id === 'move')
    .map((one) => ({ ...one, steps: one.steps.filter(({ op }) => op !== 'port.claim') }));
  const machines = [{ ...profile('debian-6.12-intel'), defaultDomain }];
  return traffic({ variants: [variant], workloads, machines }).results[0] as TrafficResult;
}

describe('a group that nobody owns', () => {
  // The replace of January 2022 refuses such a group.
  const willing = VARIANTS.filter(({ id }) => attachesWithContainer(id) && id !== 'group/replace-v1');

  it.each(willing.map((variant) => [variant.id, variant] as const))('%s', (id, variant) => {
    const [dma, identity] = [unowned(variant, 'dma'), unowned(variant, 'identity')];
    expect([dma.failed, identity.failed]).toEqual([[], []]);
    // Translation for the DMA API has nothing at this iova; an identity domain has everything.
    expect(sum(dma, 'foreign')).toBe(0);
    expect(dma.violations).toEqual([]);
    expect(sum(identity, 'foreign') > 0).toBe(!isDirect(id));
    expect(identity.violations.some((text) => text.includes('I5'))).toBe(!isDirect(id));
    expect(sum(dma, 'blocked') > 0).toBe(!isDirect(id));
  });
});
