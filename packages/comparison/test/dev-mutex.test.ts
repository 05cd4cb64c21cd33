/**
 * `device/dev-mutex` under the explorer: safe from the removal of a member, and deadlocked by that of the group's last
 * device, which takes the container's lock with the device's mutex held.
 */
import { type ExploreResult, exploreScenario, scenarioNamed } from '@iommu-lab/conformance';
import type { EraId } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { findVariant } from '../src/index';

function explored(scenario: string, era: EraId): ExploreResult {
  return exploreScenario(scenarioNamed(scenario, 'test'), findVariant('device/dev-mutex'), { era });
}

const kinds = ({ violations }: ExploreResult) => [...new Set(violations.map(({ kind }) => kind))].sort();

const SILENT = /the kernel's own lock validator is silent here/;

describe.each(['6.1', '6.12'] as const)('at %s', (era) => {
  it('set-iommu-vs-remove-undriven-member: the mutex keeps the member, COMPLETE', () => {
    const result = explored('set-iommu-vs-remove-undriven-member', era);
    expect([result.verdict, result.violations, result.agreement?.agree]).toEqual(['COMPLETE', [], true]);
    expect(result.executions).toBeGreaterThan(1);
  });

  it('set-iommu-vs-unbind: an attach and the removal of the only device wait for each other', () => {
    const result = explored('set-iommu-vs-unbind', era);
    expect([result.verdict, kinds(result)]).toEqual(['COMPLETE', ['deadlock', 'lock-inversion']]);
    const deadlock = result.violations.find(({ kind }) => kind === 'deadlock');
    expect(deadlock?.deviations).toBeLessThanOrEqual(3);
    const [attach = '', unbind = '', silence] = deadlock?.story ?? [];
    expect(attach).toMatch(
      /^T1 waits in mutex_lock device:\S+\.mutex .*vfio_container#\d+\.group_lock taken/,
    );
    expect(unbind).toMatch(
      /^T2 waits in down_write vfio_container#\d+\.group_lock .*device:\S+\.mutex taken/,
    );
    expect(silence).toMatch(SILENT);
  });

  it.each(['set-iommu-vs-unbind', 'set-iommu-vs-bridge-removal', 'close-vs-remove'])(
    '%s: the two orders show without a deadlock, and each is one that lockdep does not see',
    (scenario) => {
      const inversions = explored(scenario, era).violations.filter(({ kind }) => kind === 'lock-inversion');
      expect(inversions.length).toBeGreaterThan(0);
      for (const { message, story } of inversions) {
        expect(message).toMatch(/device:\S+\.mutex/);
        expect(story.at(-1)).toMatch(SILENT);
      }
    },
  );
});

describe.each(['5.10', '2022-02'] as const)('at %s', (era) => {
  it.each(['set-iommu-vs-unbind', 'set-iommu-vs-remove-only-device'])(
    '%s: the removal waits, with the mutex, for a container that only the stuck attach could leave',
    (scenario) => {
      const result = explored(scenario, era);
      const deadlock = result.violations.find(({ kind }) => kind === 'deadlock');
      expect([result.verdict, deadlock?.kind]).toEqual(['COMPLETE', 'deadlock']);
      expect(deadlock?.deviations).toBeLessThanOrEqual(3);
      expect(deadlock?.message).toMatch(/T1 waits in mutex_lock device:\S+\.mutex/);
      expect(deadlock?.message).toMatch(/T2 waits in wait_event vfio_group#\d+\.container/);
    },
  );
});
