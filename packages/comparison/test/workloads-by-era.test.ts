/**
 * The workloads that are written for 6.12, on every other kernel: each holds there too, on every design, unless
 * data/era-differences.json says why it cannot. What is listed and holds is an error as well.
 */
import { CaseRunner, holds, profile, profileOfEra, workloads } from '@iommu-lab/conformance';
import { eraIds } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import differences from '../data/era-differences.json';
import { VARIANTS } from '../src/index';

/** Why a workload does not hold at an era: on every design, or on those named. */
type Difference = string | { readonly variants: readonly string[]; readonly reason: string };
type ByWorkload = Readonly<Record<string, Difference>>;

const LISTED: Readonly<Partial<Record<string, ByWorkload>>> = differences;
const WRITTEN_FOR = '6.12';
const own = workloads().filter((one) => profile(one.profile).era === WRITTEN_FOR);

function differs(era: string, workload: string, variant: string): boolean {
  const listed = LISTED[era]?.[workload];
  if (listed === undefined) return false;
  return typeof listed === 'string' || listed.variants.includes(variant);
}

describe.each(eraIds().filter((era) => era !== WRITTEN_FOR))('at %s', (era) => {
  it('every workload that is listed exists, with a reason', () => {
    const ids = own.map(({ id }) => id);
    for (const [id, listed] of Object.entries(LISTED[era] ?? {})) {
      expect(ids).toContain(id);
      expect((typeof listed === 'string' ? listed : listed.reason).length).toBeGreaterThan(10);
    }
  });

  it.each(VARIANTS.map((variant) => [variant.id, variant] as const))(
    '%s',
    { timeout: 60_000 },
    (id, variant) => {
      const runner = new CaseRunner();
      const wrong = own.filter((one) => {
        const here = { ...one, profile: profileOfEra(profile(one.profile), era, one.id).id };
        return holds(runner.run(here, variant)) === differs(era, one.id, id);
      });
      expect(wrong.map((one) => one.id)).toEqual([]);
    },
  );
});
