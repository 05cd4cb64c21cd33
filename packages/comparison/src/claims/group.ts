/** Claims about what a group's reference, its lock and its members are good for. */
import { VARIANTS } from '../registry';
import type { Claim, ProbeNeed } from './claim';
import {
  endsDifferently,
  executionsOf,
  incomplete,
  NEWEST,
  OLDEST,
  on,
  tokensOf,
  UNDRIVEN,
  UNPLUGS,
  violationsOf,
  withoutUnplug,
} from './searches';

const MIXED = 'newest-member-msi-not-isolated';
const ANY = 'one-step-asks-any';
const capability = (form?: string): ProbeNeed => {
  const need = { probe: 'capability-of-a-group', variant: 'group-alloc/one-step' };
  return form === undefined ? need : { ...need, form };
};

export const cl22: Claim = {
  id: 'CL-22',
  by: 'Jason Gunthorpe, December 2022; Alex Williamson',
  says: 'A capability of a group is one of all its members: asking whether any of them has it accepts a group in which one has not.',
  eras: ['6.12'],
  needs: [capability(), capability(ANY), capability(MIXED), capability(`${MIXED}+${ANY}`)],
  judge(facts) {
    const answer = (form?: string) => facts.probe(capability(form)).answers['isolated-msi'];
    const [all, any] = [answer(), answer(ANY)];
    const [allOfMixed, anyOfMixed] = [answer(MIXED), answer(`${MIXED}+${ANY}`)];
    const uniform = `of a group whose members are alike both answer ${all}`;
    const mixed = `of one whose second member lacks isolated MSI all answers ${allOfMixed}, any ${anyOfMixed}`;
    const holds = all === any && allOfMixed === 0 && anyOfMixed === 1;
    return { verdict: holds ? 'confirmed' : 'refuted', reason: `${uniform}; ${mixed}`, tokens: [] };
  },
  turnedBy: 'group-capability-asks-first',
  command: 'show capability/port-answers',
};

/** The designs that VFIO's container attaches with; each keeps a reference to the group from its opening on. */
const DESIGNS = VARIANTS.filter(({ ports }) => ports.domain?.attachTime === 'container').map(({ id }) => id);
const LEAVING = DESIGNS.map((variant) => on(UNDRIVEN, variant));

export const cl24: Claim = {
  id: 'CL-24',
  by: 'Robin Murphy, 15 February 2022',
  says: 'A reference to a group does not freeze its membership: in every design a member can leave while VFIO holds one.',
  eras: ['2022-02', '6.12'],
  needs: LEAVING,
  judge(facts) {
    const frozen = LEAVING.filter((need) => facts.search(need).leftMeanwhile === 0);
    if (frozen.length > 0) {
      const reason = `no member leaves in the middle of SET_IOMMU on ${frozen.map(({ variant }) => variant).join(', ')}`;
      return incomplete(facts, frozen) ?? { verdict: 'refuted', reason, tokens: [] };
    }
    const counts = LEAVING.map((need) => facts.search(need).leftMeanwhile);
    const reason = `in each of ${DESIGNS.length} designs a member leaves in the middle of SET_IOMMU, in ${Math.min(...counts)} executions or more`;
    return { verdict: 'confirmed', reason, tokens: [] };
  },
  turnedBy: 'members-stay-listed',
  command: `explore ${UNDRIVEN} --variant all`,
};

const ITERATOR = 'group-alloc/iterator';
const TWO_STEP = 'group-alloc/two-step';
const BOTH = UNPLUGS.flatMap((scenario) => [on(scenario, ITERATOR), on(scenario, TWO_STEP)]);
const GROWN = on(NEWEST, ITERATOR, 'iterator-callback-locks');

export const cl29: Claim = {
  id: 'CL-29',
  by: 'Robin Murphy, June 2022',
  says: 'Allocating inside the iterator needs no new function and is as good as allocating from the group, while the callback takes no lock of the group.',
  eras: ['6.12'],
  needs: [...BOTH, GROWN, withoutUnplug(ITERATOR), withoutUnplug(TWO_STEP)],
  judge(facts) {
    const different = endsDifferently(facts, UNPLUGS, ITERATOR, TWO_STEP);
    const [one, other] = [facts.workloads(withoutUnplug(ITERATOR)), facts.workloads(withoutUnplug(TWO_STEP))];
    if (different.length > 0 || one.answers !== other.answers) {
      const where = different.length > 0 ? different.join(', ') : `the ${one.cases} workloads`;
      const tokens = tokensOf(violationsOf(facts, BOTH));
      return { verdict: 'refuted', reason: `the two differ in ${where}`, tokens };
    }
    const kinds = [...new Set(facts.search(GROWN).violations.map(({ kind }) => kind))].sort().join(', ');
    const same = `the same ends in ${executionsOf(facts, BOTH)} executions against four unplugs, the same answers to ${one.steps} steps of ${one.cases} workloads`;
    const risk = kinds === '' ? 'nothing happens' : `the result is: ${kinds}`;
    const reason = `${same}; where the callback takes the group's lock, ${risk}`;
    return incomplete(facts, BOTH) ?? { verdict: 'confirmed', reason, tokens: [] };
  },
  turnedBy: 'iterator-visits-unlocked',
  command: `explore ${OLDEST} --variant group-alloc/iterator,group-alloc/two-step`,
};
