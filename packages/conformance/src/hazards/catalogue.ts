/** The hazards that come with the suite. */
import json from '../../hazards/catalogue.json';
import { type JudgedHazard, type PendingHazard, parseHazards } from './hazard';

const SOURCE = 'hazards/catalogue.json';

/** Those that scenarios show, in the order of their numbers. */
export function hazards(): readonly JudgedHazard[] {
  return parseHazards(json, SOURCE).judged;
}

/** Those whose turn has not come. */
export function pendingHazards(): readonly PendingHazard[] {
  return parseHazards(json, SOURCE).pending;
}
