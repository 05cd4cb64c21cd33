/** Search by preemption bound: fewest first, complete when nothing is left, and the same findings as by partial orders. */
import { describe, expect, it } from 'vitest';
import { type Exploration, explore, type Program } from '../../src/index';
import { violationKey } from '../../src/violation';
import { fibBench } from '../programs/fib-bench';
import { lastzero } from '../programs/lastzero';
import { mutexOrder } from '../programs/mutex-order';
import { ninc } from '../programs/ninc';
import { philosophers } from '../programs/philosophers';
import { readers } from '../programs/readers';
import { registry } from '../programs/registry';
import { FORMS, thread } from '../programs/thread';

/** More than any of these programs can have. */
const ANY = 40;

/** Not those of a dozen independent threads: few traces, but states without number. */
const PROGRAMS: readonly (() => Program)[] = [
  () => registry('nothing'),
  () => registry('lock'),
  () => registry('reference'),
  () => philosophers(3),
  () => lastzero(3),
  () => mutexOrder(3),
  () => ninc(2, 2),
  () => readers(3),
  () => fibBench(1),
  ...FORMS.map((form) => () => thread(form)),
];

function keysOf({ findings }: Exploration): string[] {
  return findings.map(violationKey).sort();
}

describe('search by preemption bound', () => {
  it('finds nothing with too few preemptions, says how many it tried, and claims no more', () => {
    const none = explore(registry('nothing'), { engine: 'bounded', maxPreemptions: 0 });
    expect(none).toMatchObject({ verdict: 'BOUNDED', findings: [] });
    // Either thread first, and nobody is interrupted.
    expect(none.reason).toBe('preemptions <= 0: 2 executions');
  });

  it('finds what needs one preemption with one', () => {
    const one = explore(registry('nothing'), { engine: 'bounded', maxPreemptions: 1, stopAtFirst: true });
    expect(one.findings.map(({ kind }) => kind)).toEqual(['use-after-free']);
    // The reader was interrupted once, between its unlock and its use.
    const switches = one.findings[0]?.schedule.filter((fiber, at, all) => at > 0 && fiber !== all[at - 1]);
    expect(switches).toEqual([1, 0]);
  });

  it('says COMPLETE when no higher bound has anything left', () => {
    const all = explore(registry('nothing'), { engine: 'bounded', maxPreemptions: ANY });
    expect(all.verdict).toBe('COMPLETE');
    expect(all.reason).toMatch(/^\d+ executions reach every state; none needs more than \d+ preemptions$/);
  });

  it('that is ended says BOUNDED, with the last bound that it finished', () => {
    const ended = explore(ninc(2, 2), { engine: 'bounded', maxPreemptions: ANY, maxExecutions: 3 });
    expect(ended.verdict).toBe('BOUNDED');
    expect(ended.reason).toMatch(/^preemptions <= 0: /);
  });

  it('answers with plain data', () => {
    const result = explore(registry('lock'), { engine: 'bounded' });
    expect(JSON.parse(JSON.stringify({ ...result, findings: [] }))).toEqual({ ...result, findings: [] });
    expect(Object.keys(result).sort()).toEqual(Object.keys(explore(registry('lock'))).sort());
  });

  it.each(PROGRAMS.map((build) => [build().id, build] as const))(
    '%s: the findings of optimal',
    (_, build) => {
      const bounded = explore(build(), { engine: 'bounded', maxPreemptions: ANY });
      const optimal = explore(build());
      expect([bounded.verdict, optimal.verdict]).toEqual(['COMPLETE', 'COMPLETE']);
      expect(keysOf(bounded)).toEqual(keysOf(optimal));
    },
  );
});
