import {
  CaseRunner,
  holds,
  InputError,
  parseResults,
  recordings,
  runCase,
  workloads,
} from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { compare, findVariant, SUPPORT, selectVariants, VARIANTS, verifyTraces } from '../src/index';

/** `device/pinned` as it would be if its detach did nothing. */
function withoutDetach(): Variant {
  const pinned = findVariant('device/pinned');
  const { domain } = pinned.ports;
  if (domain === undefined) throw new Error('no domain port');
  return { ...pinned, id: 'test/no-detach', ports: { ...pinned.ports, domain: { ...domain, *detach() {} } } };
}

describe('compare', () => {
  it('holds for every built-in variant, over every recording and workload', () => {
    const { results, holds: whole, reasons } = compare();
    expect(reasons).toEqual([]);
    expect(whole).toBe(true);
    expect(() => parseResults(JSON.parse(JSON.stringify(results)), 'results')).not.toThrow();
    expect(results.rows.map((row) => row.variant)).toEqual(Object.keys(SUPPORT.frontends));
    // Group designs had their calls on 5.10, device designs did not; 6.12 had neither VFIO's old group calls.
    const unlike = (machine: string) =>
      results.byWorkload
        .filter((one) => one.id === `${machine}/container/api`)
        .flatMap(({ cells }) => cells.filter((cell) => cell.counterfactual).map((cell) => cell.variant));
    expect(unlike('debian-5.10-intel')).toEqual(
      VARIANTS.map(({ id }) => id).filter((id) => id !== 'group/attach'),
    );
    expect(unlike('debian-6.12-intel')).toContain('group/attach');
    expect(unlike('debian-6.12-intel')).not.toContain('group-alloc/iterator');
    expect(new Set(results.profiles.map(({ evidence }) => evidence))).toEqual(new Set(['recorded']));
    const recordedSteps = recordings().flatMap(({ cases }) => cases.flatMap((one) => one.steps)).length;
    for (const row of results.rows) {
      expect([row.variant, row.conformance]).toEqual([
        row.variant,
        { steps: recordedSteps, equal: recordedSteps, declared: 0, differing: 0, skipped: 0 },
      ]);
    }
  });

  it('does not hold for a design whose detach does nothing, and says where', () => {
    const { results, holds: whole } = compare({ variants: [withoutDetach()], workload: 'detach/*' });
    expect(whole).toBe(false);
    expect(results.failures.some((failure) => failure.variant === 'test/no-detach')).toBe(true);
  });

  it('takes differences as declared, and nothing but those that occur as declared', () => {
    const replaceV1 = findVariant('group/replace-v1');
    const [first] = replaceV1.differs ?? [];
    if (first === undefined) throw new Error('nothing is declared');
    const at = { workload: first.case };
    const declaring = (differs: Variant['differs'] = []) =>
      compare({ variants: [{ ...replaceV1, differs }], ...at });
    const asDeclared = declaring(replaceV1.differs);
    expect(asDeclared.reasons).toEqual([]);
    expect(asDeclared.results.rows[0]?.workloads.declared).toBe(
      replaceV1.differs?.filter((each) => each.case === first.case).length,
    );
    const undeclared = declaring(replaceV1.differs?.slice(1));
    expect(undeclared.results.failures.map(({ step }) => step)).toEqual([first.step]);
    const otherwise = declaring([
      { ...first, expected: 'errno "EIO"' },
      ...(replaceV1.differs?.slice(1) ?? []),
    ]);
    expect(otherwise.results.failures).toMatchObject([
      {
        step: first.step,
        expected: { 'declared difference': 'errno "EIO"' },
        actual: { 'declared difference': first.expected },
      },
    ]);
    const notComing = declaring([{ ...first, step: 0 }, ...(replaceV1.differs ?? [])]);
    expect(notComing.results.failures).toMatchObject([
      { step: 0, actual: { 'declared difference': 'what the case expects' } },
    ]);
    const elsewhere = { ...first, case: 'debian-6.1-intel/nonesuch' };
    expect(
      compare({ variants: [{ ...replaceV1, differs: [...(replaceV1.differs ?? []), elsewhere] }] }).reasons,
    ).toEqual([
      'group/replace-v1 declares a difference in debian-6.1-intel/nonesuch, and there is no such case',
    ]);
  });

  it('refuses a selection that compares nothing', () => {
    expect(() => compare({ workload: 'nonesuch/*' })).toThrow(InputError);
  });

  it('a variant without a domain port is skipped, and that does not hold', () => {
    const { ports, ...rest } = findVariant('device/raw');
    const bare: Variant = { ...rest, id: 'test/bare', ports: { ownership: ports.ownership } };
    const [one] = workloads();
    if (one === undefined) throw new Error('no workload');
    expect(holds(runCase(one, bare))).toBe(false);
    expect(verifyTraces([one], [bare]).report.skips[0]?.reason).toContain('no domain port');
  });
});

describe('variants', () => {
  it('are found by id, and an unknown id names those there are', () => {
    expect(selectVariants('device/raw, device/pinned').map((variant) => variant.id)).toEqual([
      'device/raw',
      'device/pinned',
    ]);
    expect(selectVariants('all')).toEqual(VARIANTS);
    expect(() => findVariant('device/nonesuch')).toThrow(
      /unknown variant "device\/nonesuch"; there are: group\/attach, /,
    );
  });
});

// ADR 15: what was restored goes on as what was never changed.
describe('a reused system', () => {
  it('answers as a freshly booted one, event by event', () => {
    const runner = new CaseRunner();
    const [variant] = VARIANTS;
    if (variant === undefined) throw new Error('no variant');
    for (const one of workloads()) {
      const [fresh, reused]: [string[], string[]] = [[], []];
      const into =
        (events: string[]) => (event: { step: number; name: string; target: string; result: string }) => {
          events.push(`${event.step} ${event.name} ${event.target} ${event.result}`);
        };
      const first = runCase(one, variant, { listener: into(fresh) });
      const second = runner.run(one, variant, { listener: into(reused) });
      expect(second).toEqual(first);
      expect(reused).toEqual(fresh);
    }
  });
});
