/** Claims about the device pointer and unplug: Gunthorpe's question, Murphy's answer, and what came of both. */
import type { Claim } from './claim';
import {
  BRIDGE,
  incomplete,
  NEWEST,
  OLDEST,
  on,
  placesOf,
  tokensOf,
  UNDRIVEN,
  undecided,
  usesOfFreed,
  withoutUnplug,
} from './searches';

const RAW = [on(UNDRIVEN, 'device/raw'), on(OLDEST, 'device/raw')];

const cl06: Claim = {
  id: 'CL-06',
  by: 'Jason Gunthorpe, 14 February 2022',
  says: 'A device pointer that VFIO picked is valid only while something keeps the device from being unplugged; nothing does.',
  eras: ['2022-02', '6.12'],
  needs: RAW,
  judge(facts) {
    const found = RAW.map((need) => usesOfFreed(facts.search(need)));
    if (found.every((uses) => uses.length === 0)) {
      const open = incomplete(facts, RAW);
      const executions = RAW.map((need) => facts.search(need).executions).join(' and ');
      return (
        open ?? {
          verdict: 'refuted',
          reason: `no use of a freed device in ${executions} executions`,
          tokens: [],
        }
      );
    }
    const uses = found.flat();
    const fewest = Math.min(...uses.map(({ deviations }) => deviations));
    return {
      verdict: 'confirmed',
      reason: `two threads and ${fewest} deviation from running one after the other; the freed device is used in ${placesOf(uses)}`,
      tokens: tokensOf(uses),
    };
  },
  turnedBy: 'raw-picks-newest',
  command: `explore ${UNDRIVEN} --variant device/raw`,
};

const GROUP_ALLOC = ['group-alloc/two-step', 'group-alloc/one-step', 'group-alloc/iterator'].flatMap(
  (variant) => [UNDRIVEN, OLDEST, NEWEST, BRIDGE].map((scenario) => on(scenario, variant)),
);

const cl08: Claim = {
  id: 'CL-08',
  by: 'Jason Gunthorpe, 14 February 2022',
  says: 'Where the domain is allocated from the group and the core finds a device under the lock of the group, there is no lifetime problem.',
  eras: ['2022-02', '6.12'],
  needs: GROUP_ALLOC,
  judge(facts) {
    const uses = GROUP_ALLOC.flatMap((need) => usesOfFreed(facts.search(need)));
    if (uses.length > 0) {
      return {
        verdict: 'refuted',
        reason: `a freed device is used in ${placesOf(uses)}`,
        tokens: tokensOf(uses),
      };
    }
    const executions = GROUP_ALLOC.reduce((sum, need) => sum + facts.search(need).executions, 0);
    const reason = `no use of a freed device in any of ${executions} executions, three forms and four unplugs`;
    return incomplete(facts, GROUP_ALLOC) ?? { verdict: 'confirmed', reason, tokens: [] };
  },
  turnedBy: 'group-alloc-unlocked',
  command: `explore ${OLDEST} --variant group-alloc/two-step,group-alloc/one-step,group-alloc/iterator`,
};

const ALIKE = ['device/raw', 'device/pinned', 'group-alloc/two-step', 'group-alloc/one-step'];

const cl23: Claim = {
  id: 'CL-23',
  by: 'Robin Murphy, 14 February 2022',
  says: 'Resolving a device is trivial: as long as nothing is unplugged, a device interface and a group interface do the same.',
  eras: ['2022-02', '6.12'],
  needs: ALIKE.map(withoutUnplug),
  judge(facts) {
    const [first, ...others] = ALIKE.map((variant) => facts.workloads(withoutUnplug(variant)));
    if (first === undefined || first.cases === 0) {
      return undecided('no workload speaks of this kernel', 'workloads of this era');
    }
    const different = ALIKE.slice(1).filter((_, at) => others[at]?.answers !== first.answers);
    const size = `${first.steps} steps of ${first.cases} workloads`;
    if (different.length === 0) {
      const reason = `${ALIKE.length} designs answer all ${size} alike`;
      return { verdict: 'confirmed', reason, tokens: [] };
    }
    return { verdict: 'refuted', reason: `of ${size} some differ on ${different.join(', ')}`, tokens: [] };
  },
  turnedBy: 'pinned-forgets-detach',
  command: 'compare --variant device/raw,device/pinned,group-alloc/two-step,group-alloc/one-step',
};

const WITHOUT_LOOKUP = on(OLDEST, 'device/raw', 'raw-without-group-lookup');

const cl25: Claim = {
  id: 'CL-25',
  by: 'Robin Murphy, 15 February 2022',
  says: 'VFIO need not fetch the group from a device that it got from that group; the point is to call other interfaces of the device.',
  eras: ['2022-02', '6.12'],
  needs: [WITHOUT_LOOKUP],
  judge(facts) {
    const fact = facts.search(WITHOUT_LOOKUP);
    const uses = usesOfFreed(fact);
    if (uses.length === 0) {
      const reason = `without the lookup no freed device is used in ${fact.executions} executions: the lookup was the problem`;
      return incomplete(facts, [WITHOUT_LOOKUP]) ?? { verdict: 'refuted', reason, tokens: [] };
    }
    const reason = `a form that never reads the group of the device uses the freed device all the same, in ${placesOf(uses)}: the lookup is not the root of it`;
    return { verdict: 'confirmed', reason, tokens: [] };
  },
  turnedBy: 'raw-picks-newest',
  command: `explore ${OLDEST} --variant device/raw`,
};

const FROM_VFIO = on(UNDRIVEN, 'device/raw', 'raw-picks-registered');
const FROM_GROUP = on(UNDRIVEN, 'device/raw');

const cl36: Claim = {
  id: 'CL-36',
  by: 'Alex Williamson, June 2022',
  says: 'If type1 chose among the devices that are registered with VFIO, a member without a driver could not be chosen.',
  eras: ['6.12'],
  needs: [FROM_VFIO, FROM_GROUP],
  judge(facts) {
    const [registered, members] = [facts.search(FROM_VFIO), facts.search(FROM_GROUP)];
    const [chosen, before] = [usesOfFreed(registered), usesOfFreed(members)];
    if (before.length === 0) {
      const reason =
        'choosing among the members of the group does no harm here either: nothing to compare with';
      return { verdict: 'refuted', reason, tokens: [] };
    }
    if (chosen.length > 0) {
      return { verdict: 'refuted', reason: 'the member without a driver is used after its end', tokens: [] };
    }
    const reason = `chosen among the members of the group the freed member is used; chosen among those of VFIO in none of ${registered.executions} executions`;
    return incomplete(facts, [FROM_VFIO]) ?? { verdict: 'confirmed', reason, tokens: tokensOf(before) };
  },
  turnedBy: 'raw-picks-newest',
  command: `explore ${UNDRIVEN} --variant device/raw`,
};

export const UNPLUG_CLAIMS: readonly Claim[] = [cl06, cl08, cl23, cl25, cl36];
