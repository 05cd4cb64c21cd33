/**
 * What an engine must be held to on one small random program: the same traces and the same outcomes as every
 * interleaving shows, no trace twice, and the exact number of interleavings.
 */
import { countInterleavings } from '../../src/index';
import { type Mix, randomProgram } from '../programs/random/random-program';
import { allInterleavings, type Explored, runSchedules } from './brute-force';
import { searched } from './searched';

/** A program with more is passed over: it would take as long as many others. */
const MOST_INTERLEAVINGS = 4200;
/** A program with more states has more interleavings than that. */
const MOST_STATES = 20_000;
/** More than these programs have steps: a bound that bounds nothing. */
const ANY_PREEMPTIONS = 30;
const ENGINES = ['optimal', 'source', 'bounded'] as const;

/** What one program showed. */
export interface Comparison {
  /** What is wrong, in words. */
  readonly wrong: readonly string[];
  readonly traces: number;
  /** Executions given up as redundant, by engine. */
  readonly redundant: Readonly<Record<(typeof ENGINES)[number], number>>;
}

/** @returns null for a program with too many interleavings */
export function compareEngines(mix: Mix, seed: number): Comparison | null {
  const counted = countInterleavings(randomProgram(mix, seed).program, MOST_STATES)?.interleavings;
  if (counted === undefined || counted > MOST_INTERLEAVINGS) return null;
  const subject = randomProgram(mix, seed);
  const all = allInterleavings(subject);
  const wrong = all.ambiguous.length > 0 ? [`${all.ambiguous.length} traces have several outcomes`] : [];
  const redundant = { optimal: 0, source: 0, bounded: 0 };
  const executions = { optimal: 0, source: 0, bounded: 0 };
  for (const engine of ENGINES) {
    const { result, schedules } = searched(randomProgram(mix, seed).program, engine, ANY_PREEMPTIONS);
    const run = runSchedules(subject, schedules);
    redundant[engine] = result.redundant;
    if (result.verdict !== 'COMPLETE') wrong.push(`${engine}: ${result.verdict}: ${result.reason}`);
    wrong.push(...differences(all, run).map((difference) => `${engine}: ${difference}`));
    executions[engine] = run.executions;
    if (engine !== 'bounded' && mix.mayRepeat !== true && run.executions > run.traces.size) {
      wrong.push(`${engine}: ${run.executions} executions for ${run.traces.size} traces`);
    }
  }
  if (executions.optimal !== executions.source) {
    wrong.push(`${executions.optimal} executions by optimal, ${executions.source} by source`);
  }
  if (mix.neverRedundant === true && redundant.optimal > 0) {
    wrong.push(`optimal: ${redundant.optimal} redundant executions`);
  }
  if (counted !== BigInt(all.executions)) wrong.push(`counted ${counted} of ${all.executions} interleavings`);
  const where = `${mix.id}, seed ${seed}: ${subject.program.id}`;
  return { wrong: wrong.map((line) => `${where}: ${line}`), traces: all.traces.size, redundant };
}

function differences(all: Explored, run: Explored): string[] {
  const missed = [...all.traces.keys()].filter((trace) => !run.traces.has(trace));
  const invented = [...run.traces.keys()].filter((trace) => !all.traces.has(trace));
  const lost = [...all.outcomes].filter((outcome) => !run.outcomes.has(outcome));
  const counts = { 'traces missed': missed, 'traces that do not exist': invented, 'outcomes missed': lost };
  return Object.entries(counts)
    .filter(([, items]) => items.length > 0)
    .map(([what, { length }]) => `${length} ${what}, of ${all.traces.size} traces`);
}
