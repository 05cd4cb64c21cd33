import { describe, expect, it } from 'vitest';
import { safetyOf } from '../src/hazards/safety';
import type { HazardResult } from '../src/index';

type Kind = HazardResult['violations'][number]['kind'];

const violation = (kind: Kind, token: string | null, deviations: number) => ({
  kind,
  object: null,
  at: 'here',
  token,
  steps: 9,
  deviations,
});

const result = (
  hazard: string,
  violations: HazardResult['violations'],
  other: Partial<HazardResult> = {},
): HazardResult => ({
  hazard,
  scenario: `shows-${hazard}`,
  variant: 'a/b',
  era: '6.12',
  evidence: 'recorded',
  verdict: 'COMPLETE',
  violations,
  others: [],
  executions: 3,
  agree: true,
  witness: null,
  because: null,
  reason: 'fixture',
  ...other,
});

describe('the safety of a design', () => {
  it('is how many of its hazards can happen, each once, and the worst of them', () => {
    const results = [
      result('H12', [violation('invariant', 't1', 0)]),
      result('H01', []),
      result('H01', [violation('use-after-free', 't3', 2), violation('use-after-free', 't2', 1)]),
      result('H16', [violation('deadlock', 't4', 0)]),
      result('H03', []),
    ];
    expect(safetyOf('a/b', results)).toEqual({
      era: '6.12',
      judged: 4,
      reachable: ['H12', 'H01', 'H16'],
      worst: 't2',
    });
  });

  it('speaks of that design at 6.12 alone', () => {
    const results = [
      result('H01', [violation('oops', 't', 0)], { variant: 'c/d' }),
      result('H02', [violation('oops', 't', 0)], { era: '6.1' }),
      result('H03', [violation('oops', 't', 0)], { variant: null }),
      result('H04', [violation('oops', null, 0)]),
    ];
    expect(safetyOf('a/b', results)).toEqual({ era: '6.12', judged: 1, reachable: ['H04'], worst: null });
    expect(safetyOf('x/y', results)).toBeNull();
  });
});
