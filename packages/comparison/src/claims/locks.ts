/** Claims about what a design locks while it works through a device. */
import type { Claim, Facts, SearchNeed, ShownViolation } from './claim';
import { incomplete, on, tokensOf, UNDRIVEN, usesOfFreed } from './searches';

const UNBIND = 'set-iommu-vs-unbind';

const MUTEX = on(UNBIND, 'device/dev-mutex');
const PINNED = on(UNBIND, 'device/pinned');
const WITHOUT_REFERENCE = on(UNDRIVEN, 'device/dev-mutex', 'dev-mutex-without-reference');

function deadlocks(facts: Facts, need: SearchNeed): readonly ShownViolation[] {
  return facts.search(need).violations.filter(({ kind }) => kind === 'deadlock');
}

export const cl11: Claim = {
  id: 'CL-11',
  by: 'Jason Gunthorpe, 14 February 2022',
  says: "The mutex of a device must not be taken inside the container's lock: unbinding takes the two the other way round. A device that is pinned by a reference has no such trouble.",
  eras: ['2022-02', '6.12'],
  needs: [MUTEX, PINNED, WITHOUT_REFERENCE],
  judge(facts) {
    const [found, pinned] = [deadlocks(facts, MUTEX), deadlocks(facts, PINNED)];
    const tokens = tokensOf([...found, ...pinned]);
    if (pinned.length > 0) return { verdict: 'refuted', reason: 'pinning the device deadlocks too', tokens };
    const open = incomplete(facts, found.length === 0 ? [MUTEX, PINNED] : [PINNED]);
    if (open !== null) return open;
    if (found.length === 0) {
      const { executions } = facts.search(MUTEX);
      return { verdict: 'refuted', reason: `no deadlock in ${executions} executions`, tokens: [] };
    }
    const fewest = Math.min(...found.map(({ deviations }) => deviations));
    const silent = found.every(({ kernelSilent }) => kernelSilent === true)
      ? "; the kernel's own lock validator would be silent"
      : '';
    // The mutex is part of the device.
    const outlived =
      usesOfFreed(facts.search(WITHOUT_REFERENCE)).length > 0
        ? '; without the reference the mutex itself is used after it was freed'
        : '';
    const reason = `two threads and ${fewest} deviation from running one after the other deadlock${silent}; a pinned device in none of ${facts.search(PINNED).executions} executions${outlived}`;
    return { verdict: 'confirmed', reason, tokens };
  },
  turnedBy: 'dev-mutex-by-trylock',
  command: `explore ${UNBIND} --variant device/dev-mutex,device/pinned`,
};
