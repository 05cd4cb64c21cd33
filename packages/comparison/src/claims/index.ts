/** The claims of the thread: those that are judged, and those whose turn has not come. */
import judged from '../../data/claims.json';
import type { Claim } from './claim';
import type { JudgedClaim } from './judge';
import { UNPLUG_CLAIMS } from './unplug';

export type { Claim, Judgement } from './claim';
export type { JudgedClaim } from './judge';
export { PENDING_CLAIMS, type PendingClaim } from './pending';

/** In the order of their ids. */
export const CLAIMS: readonly Claim[] = [...UNPLUG_CLAIMS].sort((one, other) => (one.id < other.id ? -1 : 1));

/** What came of them when `npm run claims -- --write` was last run; its form is checked when it is made. */
export const JUDGED_CLAIMS = judged as readonly JudgedClaim[];
