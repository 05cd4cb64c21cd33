/** One variant alone: what is counted, what stops early, what makes it not hold. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno, Variant } from '@iommu-lab/kernel';
import { describe, expect, it, vi } from 'vitest';
import { conform, findVariant } from '../src/index';

// The model runs here, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const raw = findVariant('device/raw');

/** A design that never gets a domain. */
const broken: Variant = {
  ...raw,
  id: 'device/broken',
  ports: {
    ...raw.ports,
    domain: {
      ...(raw.ports.domain as NonNullable<Variant['ports']['domain']>),
      *attachNew(): Op<Errno> {
        return 'ENOMEM';
      },
    },
  },
};

describe('conform', () => {
  it('holds for a built-in variant, and counts every step', () => {
    const seen: string[] = [];
    const onProgress = (done: number, total: number, id: string) => seen.push(`${done}/${total} ${id}`);
    const { report, cases, holds, reasons } = conform(raw, { case: 'container/*', onProgress });
    expect([holds, reasons]).toEqual([true, []]);
    expect(report.total).toBe(cases.reduce((sum, one) => sum + one.case.steps.length, 0));
    expect([report.passed, report.failed, report.skipped]).toEqual([report.total, 0, 0]);
    expect(seen).toHaveLength(cases.length);
    expect(seen.at(-1)).toBe(`${cases.length}/${cases.length} ${cases.at(-1)?.case.id}`);
  });

  it('says why a variant does not hold, and stops at the first failing case when asked to', () => {
    const all = conform(broken, { case: 'multi/*' });
    const failing = all.cases.filter(({ result }) => result.failures.length > 0);
    expect(failing.length).toBeGreaterThan(1);
    expect(all.reasons).toEqual([`${all.report.failed} of ${all.report.total} steps differ`]);
    const first = conform(broken, { case: 'multi/*', bail: true });
    const stoppedAt = all.cases.findIndex(({ case: one }) => failing[0]?.case.id === one.id);
    expect(first.cases.at(-1)?.case.id).toBe(failing[0]?.case.id);
    expect(first.cases).toHaveLength(stoppedAt + 1);
    expect(first.reasons.at(-1)).toBe(
      `${all.cases.length - first.cases.length} cases were not run after the first failing one`,
    );
  });

  it('does not take a variant that runs nothing for one that holds', () => {
    const { ownership } = raw.ports;
    const portless: Variant = { ...raw, id: 'device/portless', ports: { ownership } };
    const { report, holds, reasons } = conform(portless, { case: 'topology' });
    expect(report.skipped).toBe(report.total);
    expect(holds).toBe(false);
    expect(reasons[0]).toBe('nothing was compared');
  });

  it('refuses a pattern that no case has', () => {
    expect(() => conform(raw, { case: 'nonesuch' })).toThrow('--case: no case has an id like "nonesuch"');
  });
});
