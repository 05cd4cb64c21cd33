/** Claims about replacing a domain: whom it is refused, and where a failure leaves the group. */
import type { Claim, Facts, ProbeNeed, TrafficNeed } from './claim';

const UNOWNED: ProbeNeed = { probe: 'move-of-a-group-that-nobody-owns', variant: 'group/replace-v1' };

export const cl04: Claim = {
  id: 'CL-04',
  by: 'Lu Baolu, January 2022',
  says: 'The replace of the series is for groups that somebody owns: whatever else such a group is on, it is refused.',
  eras: ['2022-02', '6.12'],
  needs: [UNOWNED],
  judge(facts) {
    const { answers } = facts.probe(UNOWNED);
    const said = Object.entries(answers).map(([state, answer]) => `${state}: ${answer}`);
    const refused = Object.values(answers).every((answer) => answer === 'EPERM');
    return { verdict: refused ? 'confirmed' : 'refuted', reason: said.join('; '), tokens: [] };
  },
  turnedBy: 'replace-v1-asks-no-owner',
  command: 'show group/replace-v1',
};

const FAILURES = [
  'move-fails-at-first-member',
  'move-fails-at-second-member',
  'move-and-way-back-fail-at-first-member',
  'move-and-way-back-fail-at-second-member',
];
const V1 = 'group/replace-v1';
const V1_NULL = 'replace-v1-parks-after-failure';
const failuresOf = (variant: string, form?: string): TrafficNeed[] =>
  FAILURES.map((traffic) => (form === undefined ? { traffic, variant } : { traffic, variant, form }));

/** The states that one answer of a failed move stands for. */
function statesByAnswer(facts: Facts, needs: readonly TrafficNeed[]): Map<string, Set<string>> {
  const states = new Map<string, Set<string>>();
  for (const need of needs) {
    const { failed, left } = facts.traffic(need);
    const answer = failed.join('; ');
    states.set(answer, (states.get(answer) ?? new Set()).add(left.join(' ')));
  }
  return states;
}

const most = (states: Map<string, Set<string>>): number =>
  Math.max(...[...states.values()].map(({ size }) => size));

function inWords(states: Map<string, Set<string>>): string {
  return [...states].map(([answer, left]) => `"${answer}" leaves ${[...left].join(' or ')}`).join('; ');
}

export const cl16: Claim = {
  id: 'CL-16',
  by: 'Jason Gunthorpe, February 2022',
  says: 'The unwinding of the replace is sketchy: one answer stands for several states. Ending on no domain after any failure would leave one.',
  eras: ['2022-02', '6.12'],
  needs: [...failuresOf(V1), ...failuresOf(V1, V1_NULL), ...failuresOf('group/replace')],
  judge(facts) {
    const v1 = statesByAnswer(facts, failuresOf(V1));
    const parked = statesByAnswer(facts, failuresOf(V1, V1_NULL));
    const direct = statesByAnswer(facts, failuresOf('group/replace'));
    const reason = `group/replace-v1: ${inWords(v1)}. With no domain after any failure: ${inWords(parked)}. group/replace: ${inWords(direct)}`;
    const holds = most(v1) > 1 && most(parked) === 1;
    return { verdict: holds ? 'confirmed' : 'refuted', reason, tokens: [] };
  },
  turnedBy: 'replace-v1-has-no-way-back',
  command: 'show traffic --variant group/replace-v1,group/replace',
};
