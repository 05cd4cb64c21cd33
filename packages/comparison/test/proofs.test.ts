/**
 * The two results that the thread was about, on the whole kernel model of 6.12: a device pointer that nobody pins is
 * used after it was freed; a domain that is allocated under the group's lock, or through a pinned device, never is.
 */
import { type ScenarioProgram, scenarioNamed, scenarioProgram } from '@iommu-lab/conformance';
import {
  type Counterexample,
  counterexampleOf,
  explore,
  exploreTwice,
  parseToken,
  replay,
} from '@iommu-lab/explorer';
import { describe, expect, it } from 'vitest';
import { findVariant } from '../src/index';

const REMOVE_MEMBER = 'set-iommu-vs-remove-undriven-member';
const REMOVE_BRIDGE = 'set-iommu-vs-bridge-removal';

function programOf(scenario: string, variant: string): ScenarioProgram {
  return scenarioProgram(scenarioNamed(scenario, 'proofs'), findVariant(variant));
}

describe('device/raw against the removal of an undriven member', () => {
  const program = programOf(REMOVE_MEMBER, 'device/raw');

  it('uses a device after it was freed: found by preemption bound, with a token of at most three deviations', () => {
    const result = explore(program, { engine: 'bounded', maxPreemptions: 1, stopAtFirst: true });
    const [finding] = result.findings;
    expect(finding).toMatchObject({ kind: 'use-after-free', object: 'device:0000:00:05.0', fiber: 'T1' });
    const { token, deviations, preemptions, story, remedy } = counterexampleOf(
      program,
      finding as NonNullable<typeof finding>,
    ) as Counterexample;
    expect(deviations.length).toBeLessThanOrEqual(3);
    expect(preemptions).toBe(1);
    expect(story[0]).toContain('T2 freed device:0000:00:05.0');
    expect(story[0]).toContain('no lock ordered the two');
    expect(remedy).toContain('iommu_group:5.mutex');
    const again = replay(programOf(REMOVE_MEMBER, 'device/raw'), parseToken(token).deviations);
    expect(again.divergedAt).toBeNull();
    expect(again.violations.map(({ kind }) => kind)).toContain('use-after-free');
  });

  it('does so in whatever order the search goes', () => {
    const { verdict, findings, agreement } = exploreTwice(program);
    expect(verdict).toBe('COMPLETE');
    expect(agreement).toMatchObject({ agree: true, differences: [] });
    const kinds = new Set(findings.map(({ kind }) => kind));
    // The breach of contract is H04: a domain that was made for a member which has left before the attach.
    expect(kinds).toEqual(new Set(['use-after-free', 'contract-breach']));
  });
});

describe.each([
  [REMOVE_BRIDGE, 'group-alloc/one-step'],
  [REMOVE_BRIDGE, 'device/pinned'],
  [REMOVE_MEMBER, 'device/pinned'],
  [REMOVE_BRIDGE, 'device/passed-in'],
  [REMOVE_MEMBER, 'device/passed-in'],
  [REMOVE_MEMBER, 'group-alloc/one-step'],
])('%s, %s', (scenario, variant) => {
  it('is safe in every interleaving, and a lock says why', () => {
    const { deciding } = scenarioNamed(scenario, 'proofs');
    if (deciding === undefined) throw new TypeError(`${scenario} names no deciding events`);
    const result = exploreTwice(programOf(scenario, variant), { deciding });
    expect(result.verdict).toBe('COMPLETE');
    expect(result.findings).toEqual([]);
    expect(result.executions).toBeGreaterThan(1);
    expect(result.differing).toBe(0);
    expect(result.agreement).toMatchObject({ agree: true, differences: [] });
    expect(result.because?.useFirst).toBeGreaterThan(0);
    expect(result.because?.endFirst).toBe(0);
    expect(result.because?.locks.length).toBeGreaterThan(0);
  });
});
