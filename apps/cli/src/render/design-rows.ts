/** The main table as values: one row a design, the kinds of column apart. Terminal and report show the same. */
import type { Cost, ResultRow } from '@iommu-lab/conformance';

/** The operations over which costs are added up: those in which a group changes hands. */
const COSTED = ['join', 'move', 'leave'] as const;

/** What the design costs over a join, a move and a leave. */
export function costOf(row: ResultRow): Cost {
  const sum = { lockAcquisitions: 0, stepsHeld: 0, invalidations: 0, contextWrites: 0 };
  for (const operation of COSTED) {
    const cost = row.cost[operation];
    sum.lockAcquisitions += cost.lockAcquisitions;
    sum.stepsHeld += cost.stepsHeld;
    sum.invalidations += cost.invalidations;
    sum.contextWrites += cost.contextWrites;
  }
  return sum;
}

/** Of the steps that are not equal, those that differ as the design declares. */
export function declaredSteps({ conformance, workloads }: ResultRow): number {
  return conformance.declared + workloads.declared;
}

/** The blackout of a move: steps, with a `*` where the design asked for none of it; `-` where it cannot make the move. */
export function blackoutText({ traffic }: ResultRow): string {
  if (traffic === null) return '-';
  const { blackout, blocked, foreign } = traffic;
  const steps = blackout === null ? 'for ever' : String(blackout);
  return blocked + foreign === 0 && blackout !== 0 ? `${steps}*` : steps;
}

/** How many hazards can happen, of those that were judged; `-` for a design that was not judged. */
export function hazardsText({ safety }: ResultRow): string {
  return safety === null ? '-' : `${safety.reachable.length}/${safety.judged}`;
}

/** Every entry point that some design calls, each once, in the order of first use. */
export function allEntryPoints(rows: readonly ResultRow[]): string[] {
  return [...new Set(rows.flatMap((row) => row.entryPoints))];
}
