/** Claims about what a design locks while it works through a device. */
import type { Claim, Facts, SearchNeed, ShownViolation } from './claim';

const UNBIND = 'set-iommu-vs-unbind';
const UNDRIVEN = 'set-iommu-vs-remove-undriven-member';

const MUTEX: SearchNeed = { scenario: UNBIND, variant: 'device/dev-mutex' };
const PINNED: SearchNeed = { scenario: UNBIND, variant: 'device/pinned' };
const WITHOUT_REFERENCE: SearchNeed = {
  scenario: UNDRIVEN,
  variant: 'device/dev-mutex',
  form: 'dev-mutex-without-reference',
};

function deadlocks(facts: Facts, need: SearchNeed): readonly ShownViolation[] {
  return facts.search(need).violations.filter(({ kind }) => kind === 'deadlock');
}

/** Whether the mutex is used after the device that it is part of was freed. */
function mutexOutlived(facts: Facts): boolean {
  const { violations } = facts.search(WITHOUT_REFERENCE);
  return violations.some(({ kind, object }) => kind === 'use-after-free' && /^device:/.test(object ?? ''));
}

export const cl11: Claim = {
  id: 'CL-11',
  by: 'Jason Gunthorpe, 14 February 2022',
  says: "The mutex of a device must not be taken inside the container's lock: unbinding takes the two the other way round. A device that is pinned by a reference has no such trouble.",
  eras: ['2022-02', '6.12'],
  needs: [MUTEX, PINNED, WITHOUT_REFERENCE],
  judge(facts) {
    const [found, pinned] = [deadlocks(facts, MUTEX), deadlocks(facts, PINNED)];
    const tokens = [...found, ...pinned].flatMap(({ token }) => (token === null ? [] : [token]));
    if (pinned.length > 0) return { verdict: 'refuted', reason: 'pinning the device deadlocks too', tokens };
    const open = [MUTEX, PINNED].filter((need) => facts.search(need).verdict !== 'COMPLETE');
    if (open.length > 0 && (found.length === 0 || open.includes(PINNED))) {
      const names = open.map(({ scenario, variant }) => `${scenario} on ${variant}`).join(', ');
      return {
        verdict: 'undecided',
        reason: `not complete: ${names}`,
        tokens: [],
        missing: 'a complete search of these',
      };
    }
    if (found.length === 0) {
      const { executions } = facts.search(MUTEX);
      return { verdict: 'refuted', reason: `no deadlock in ${executions} executions`, tokens: [] };
    }
    const fewest = Math.min(...found.map(({ deviations }) => deviations));
    const silent = found.every(({ kernelSilent }) => kernelSilent === true)
      ? "; the kernel's own lock validator would be silent"
      : '';
    const outlived = mutexOutlived(facts)
      ? '; without the reference the mutex itself is used after it was freed'
      : '';
    const reason = `two threads and ${fewest} deviation from running one after the other deadlock${silent}; a pinned device in none of ${facts.search(PINNED).executions} executions${outlived}`;
    return { verdict: 'confirmed', reason, tokens };
  },
  turnedBy: 'dev-mutex-by-trylock',
  command: `explore ${UNBIND} --variant device/dev-mutex,device/pinned`,
};
