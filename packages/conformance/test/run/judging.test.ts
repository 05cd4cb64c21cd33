/** Judging ends where the recorded kernel died, and nowhere else. */
import { referenceVariant } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/grammar/case';
import type { Step } from '../../src/grammar/step';
import { holds, runCase } from '../../src/index';
import { recordings } from '../../src/recordings';

function recorded(profile: string, id: string): Case {
  const found = recordings()
    .filter((file) => file.profile === profile)
    .flatMap(({ cases }) => cases)
    .find((one) => one.id === id);
  if (found === undefined) throw new Error(`no recording ${profile}/${id}`);
  return found;
}

/** The case with another expectation at its last step but one. */
function expecting(one: Case, change: Partial<Step>): Case {
  const at = one.steps.length - 2;
  return { ...one, steps: one.steps.map((step, k) => (k === at ? ({ ...step, ...change } as Step) : step)) };
}

describe('a case in which the kernel dies', () => {
  const one = recorded('debian-5.10-intel', 'viability/sibling-unbound');

  it('holds where the model dies in the same way at the same step', () => {
    expect(one.steps.at(-2)?.out).toMatchObject({ kernel: 'BUG', at: 'vfio_iommu_group_notifier' });
    expect(holds(runCase(one, referenceVariant))).toBe(true);
  });

  it('does not where the model lives', () => {
    const result = runCase({ ...one, profile: 'debian-6.1-intel' }, referenceVariant);
    expect(result.failures.map(({ step }) => step)).toContain(one.steps.length - 2);
    expect(holds(result)).toBe(false);
  });

  it('does not where the model dies and the recorded kernel lives: the oops is a finding', () => {
    const result = runCase(expecting(one, { ret: 0, out: {} }), referenceVariant);
    expect(result.failures.map(({ step }) => step)).toEqual([one.steps.length - 2]);
    expect(result.violations.map(({ kind }) => kind)).toContain('oops');
    expect(result.audit).not.toEqual([]);
  });
});

describe('a case in which an IOMMU driver goes wrong', () => {
  it('is compared to its end, and judged up to there', () => {
    const one = recorded('debian-5.10-intel', 'stage/readd-claimed');
    expect(holds(runCase(one, referenceVariant))).toBe(true);
    const wrong = runCase(expecting(one, { ret: -1, errno: 'EIO' }), referenceVariant);
    expect(wrong.failures.map(({ step }) => step)).toEqual([one.steps.length - 2]);
  });
});
