/** Claims about pinning a registered device: for how long, by whom, and what it costs. */
import type { Claim, StallNeed } from './claim';
import {
  endsDifferently,
  executionsOf,
  incomplete,
  NEWEST,
  OLDEST,
  on,
  placesOf,
  tokensOf,
  UNPLUGS,
  violationsOf,
} from './searches';

const PINNED = 'device/pinned';
const NARROW = 'pinned-for-allocation';

const WIDTHS = UNPLUGS.flatMap((scenario) => [on(scenario, PINNED), on(scenario, PINNED, NARROW)]);
const WIDE_STALL: StallNeed = { stall: NEWEST, variant: PINNED };
const NARROW_STALL: StallNeed = { ...WIDE_STALL, form: NARROW };

export const cl12: Claim = {
  id: 'CL-12',
  by: 'Jason Gunthorpe, June 2022',
  says: 'A device that is pinned only while the domain is allocated is as safe as one that is pinned for the whole attach, and an unplug waits less for it.',
  eras: ['6.12'],
  needs: [...WIDTHS, WIDE_STALL, NARROW_STALL],
  judge(facts) {
    const violations = violationsOf(facts, WIDTHS);
    if (violations.length > 0) {
      const reason = `${violations.map(({ kind }) => kind).join(', ')} in ${placesOf(violations)}`;
      return { verdict: 'refuted', reason, tokens: tokensOf(violations) };
    }
    const [wide, narrow] = [facts.stall(WIDE_STALL).steps, facts.stall(NARROW_STALL).steps];
    const waits = `the removal of the pinned device waits for at most ${wide} steps of SET_IOMMU under the wide pin, ${narrow} under the narrow one`;
    if (narrow >= wide) return { verdict: 'refuted', reason: waits, tokens: [] };
    const reason = `no violation in ${executionsOf(facts, WIDTHS)} executions of both widths and four unplugs; ${waits}`;
    return incomplete(facts, WIDTHS) ?? { verdict: 'confirmed', reason, tokens: [] };
  },
  turnedBy: 'attach-asks-not-for-whom',
  command: `explore ${NEWEST} --variant device/pinned`,
};

const PASSED_IN = 'device/passed-in';
const PINS = UNPLUGS.flatMap((scenario) => [on(scenario, PINNED), on(scenario, PASSED_IN)]);

export const cl21: Claim = {
  id: 'CL-21',
  by: 'Jason Gunthorpe, June 2022',
  says: 'If the signature is to change, the representative device can be passed in: that is as good as pinning one inside.',
  eras: ['6.12'],
  needs: PINS,
  judge(facts) {
    const different = endsDifferently(facts, UNPLUGS, PINNED, PASSED_IN);
    if (different.length > 0) {
      const violations = violationsOf(facts, PINS);
      const reason = `the two end differently in ${different.join(', ')}`;
      return { verdict: 'refuted', reason, tokens: tokensOf(violations) };
    }
    const ends = new Set(PINS.flatMap((need) => facts.search(need).outcomes)).size;
    const reason = `in ${executionsOf(facts, PINS)} executions against four unplugs both reach the same ${ends} ends, and no violation but what both show`;
    return incomplete(facts, PINS) ?? { verdict: 'confirmed', reason, tokens: [] };
  },
  turnedBy: 'passed-in-unpinned',
  command: `explore ${OLDEST} --variant device/pinned,device/passed-in`,
};
