/**
 * The claims, in a process of their own, bundled by run.mjs, for some facts together with changed sources. Reads its
 * request from standard input and prints its answer, both as JSON.
 *
 *   { "list": true }                    the claims: id, eras that can be run, needs, what turns them
 *   { "era": ERA, "needs": [...] }      facts by need
 *   { "era": ERA, "claim": ID, "facts": {...} }   the judgement
 */
import { readFileSync } from 'node:fs';
import { type EraId, eraIds } from '@iommu-lab/kernel';
import { type Need, needKey } from '../../packages/comparison/src/claims/claim';
import { factOf } from '../../packages/comparison/src/claims/facts';
import { CLAIMS } from '../../packages/comparison/src/claims/index';
import { type FactsByKey, judgeClaim } from '../../packages/comparison/src/claims/judge';

type Request =
  | { readonly list: true }
  | { readonly era: EraId; readonly needs: readonly Need[] }
  | { readonly era: EraId; readonly claim: string; readonly facts: FactsByKey };

function answerTo(request: Request): unknown {
  if ('list' in request) {
    const known = eraIds();
    return CLAIMS.map(({ id, eras, needs, turnedBy }) => ({
      id,
      eras: eras.filter((era) => known.includes(era)),
      needs,
      turnedBy,
    }));
  }
  const { era } = request;
  if ('needs' in request) {
    const facts = request.needs.map((need) => [needKey(need), factOf(need, era)]);
    return Object.fromEntries(facts);
  }
  const claim = CLAIMS.find(({ id }) => id === request.claim);
  if (claim === undefined) throw new TypeError(`there is no claim ${request.claim}`);
  return judgeClaim(claim, era, request.facts);
}

process.stdout.write(JSON.stringify(answerTo(JSON.parse(readFileSync(0, 'utf8')))));
