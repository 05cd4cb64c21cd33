/** The claims of the thread: those that are judged, and those whose turn has not come. */
import judged from '../../data/claims.json';
import type { Claim } from './claim';
import { cl22, cl24, cl29 } from './group';
import type { JudgedClaim } from './judge';
import { cl11 } from './locks';
import { cl12, cl21 } from './pins';
import { cl04, cl16 } from './replace';
import { UNPLUG_CLAIMS } from './unplug';

export type { Claim, Judgement } from './claim';
export type { JudgedClaim } from './judge';
export { PENDING_CLAIMS, type PendingClaim } from './pending';

/** In the order of their ids. */
export const CLAIMS: readonly Claim[] = [
  ...UNPLUG_CLAIMS,
  cl04,
  cl11,
  cl12,
  cl16,
  cl21,
  cl22,
  cl24,
  cl29,
].sort((one, other) => (one.id < other.id ? -1 : 1));

/** What came of them when `npm run claims -- --write` was last run; its form is checked when it is made. */
export const JUDGED_CLAIMS = judged as readonly JudgedClaim[];
