/** The verbs, in the order in which help shows them. */
import type { Verb } from '../verb';
import { compareVerb } from './compare';
import { conformVerb } from './conform';
import { exploreVerb } from './explore';
import { replayVerb } from './replay';
import { showVerb } from './show';
import { traceVerb } from './trace';
import { verifyVerb } from './verify';

export const VERBS: readonly Verb[] = [
  compareVerb,
  conformVerb,
  exploreVerb,
  replayVerb,
  traceVerb,
  verifyVerb,
  showVerb,
];
