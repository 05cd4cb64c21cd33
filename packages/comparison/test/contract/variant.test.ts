/** ADR 11: a variant is its ports, whole, and a frontend knows nothing else of it. */
import { Bench, Interpreter, profile, workloads } from '@iommu-lab/conformance';
import type { DomainPort, DriverPort, HwptPort, OwnershipPort, Variant } from '@iommu-lab/kernel';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { VARIANTS } from '../../src/index';
import { WatchedVariant } from './watched-variant';

type Ports = Required<Variant['ports']>;

/** The members of each port. A member that the contract gains or loses does not compile here. */
const MEMBERS: { readonly [P in keyof Ports]: Readonly<Record<keyof Ports[P], 'member'>> } = {
  ownership: { claim: 'member', release: 'member' },
  domain: {
    attachTime: 'member',
    begin: 'member',
    capable: 'member',
    attachNew: 'member',
    move: 'member',
    end: 'member',
    detach: 'member',
  },
  hwpt: {
    begin: 'member',
    capable: 'member',
    alloc: 'member',
    attach: 'member',
    replace: 'member',
    end: 'member',
    detach: 'member',
  },
  driver: { alloc: 'member', attach: 'member', detach: 'member', capable: 'member' },
};

type OptionalKeys<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];

// Judged by the compiler: a type check of the tests fails, not their run.
describe('the types', () => {
  it('have no optional members but whole ports and declared differences', () => {
    expectTypeOf<OptionalKeys<OwnershipPort>>().toEqualTypeOf<never>();
    expectTypeOf<OptionalKeys<DomainPort<unknown>>>().toEqualTypeOf<never>();
    expectTypeOf<OptionalKeys<HwptPort<unknown>>>().toEqualTypeOf<never>();
    expectTypeOf<OptionalKeys<DriverPort>>().toEqualTypeOf<never>();
    expectTypeOf<OptionalKeys<Variant>>().toEqualTypeOf<'differs'>();
    expectTypeOf<OptionalKeys<Variant['ports']>>().toEqualTypeOf<'domain' | 'hwpt' | 'driver'>();
  });

  it('say after a failed move where the group is', () => {
    expectTypeOf<DomainPort<unknown>['move']>().returns.toEqualTypeOf<
      ReturnType<HwptPort<unknown>['replace']>
    >();
  });
});

describe.each(VARIANTS)('$id', (variant) => {
  it('has each of its ports whole and nothing beside', () => {
    for (const [name, port] of Object.entries(variant.ports)) {
      const members = MEMBERS[name as keyof Ports];
      expect([name, Object.keys(port).sort()]).toEqual([name, Object.keys(members).sort()]);
      for (const member of Object.values(port)) expect(member).toBeDefined();
    }
  });

  it('is used through its ports alone, with opaque handles in closed brackets', () => {
    const watched = new WatchedVariant(variant);
    const cases = workloads();
    for (const id of new Set(cases.map((one) => one.profile))) {
      const bench = Bench.boot(profile(id), watched.variant);
      for (const one of cases.filter((each) => each.profile === id)) {
        // These call the port themselves, out of order on purpose.
        if (one.steps.some(({ op }) => op.startsWith('port.'))) continue;
        const interpreter = new Interpreter(bench);
        for (const step of one.steps) interpreter.run(step);
        expect([one.id, watched.open, watched.wrong]).toEqual([one.id, 0, []]);
        bench.reset();
      }
    }
    const members = (['ownership', 'domain'] as const).flatMap((port) =>
      Object.keys(MEMBERS[port]).map((member) => `ports.${port}.${member}`),
    );
    expect([...watched.reads].sort()).toEqual(
      ['variant.ports', 'ports.ownership', 'ports.domain', ...members].sort(),
    );
  });
});
