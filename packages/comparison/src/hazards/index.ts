/** The hazards as they were last judged, by `npm run hazards -- --write`; their form is checked when they are made. */
import judged from '../../data/hazards.json';
import type { HazardResult } from './hazard-result';

export const HAZARD_RESULTS = judged as readonly HazardResult[];
