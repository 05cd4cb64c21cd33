/**
 * The exact number of interleavings of a program, by counting paths: from states that mean the same, the same number
 * of ways leads on. What estimators by random probes miss by orders of magnitude.
 */
import type { Program } from '../program';
import { Execution } from './execution';
import { lowest } from './partial-order';
import { StatefulRun } from './stateful-run';

export interface InterleavingCount {
  readonly interleavings: bigint;
  /** Different states on the way, up to the order of independent steps. */
  readonly states: number;
}

/** A state on the current path. */
interface Node {
  readonly state: number;
  /** Fibers whose step from here is not yet counted. */
  rest: number;
  sum: bigint;
}

/**
 * Counts every way from the start to an end, deadlocks included. Null after more than `maxStates` states, which a
 * program with a loop that need not end always comes to.
 * The world is in its initial state afterwards.
 */
export function countInterleavings(program: Program, maxStates = 1_000_000): InterleavingCount | null {
  const execution = new Execution(program);
  const run = new StatefulRun(execution);
  try {
    for (;;) {
      const count = countOnce(run, maxStates);
      if (count !== 'again') return count;
    }
  } finally {
    execution.finish();
  }
}

function countOnce(run: StatefulRun, maxStates: number): InterleavingCount | null | 'again' {
  const known = new Map<number, bigint>();
  const path: Node[] = [];
  run.startOver();
  let ways: bigint | null = wentForward(run, path, known, maxStates);
  for (;;) {
    if (run.mustStartOver) return 'again';
    if (ways === null || known.size > maxStates) return null;
    const node = path.at(-1);
    if (node === undefined) return { interleavings: ways, states: known.size };
    node.sum += ways;
    if (node.rest === 0) {
      known.set(node.state, node.sum);
      ways = node.sum;
      path.pop();
      continue;
    }
    run.backTo(path.length - 1);
    ways = stepFrom(run, node, path, known, maxStates);
  }
}

/** Makes the next uncounted step from `node`, the last of the path, and goes on; the ways from there. */
function stepFrom(
  run: StatefulRun,
  node: Node,
  path: Node[],
  known: Map<number, bigint>,
  maxStates: number,
): bigint | null {
  const fiber = lowest(node.rest);
  node.rest &= ~(1 << fiber);
  run.step(fiber);
  return wentForward(run, path, known, maxStates);
}

/** Goes forward to an end (one way) or to a state whose ways are known; null after too many states. */
function wentForward(
  run: StatefulRun,
  path: Node[],
  known: Map<number, bigint>,
  maxStates: number,
): bigint | null {
  for (;;) {
    const counted = known.get(run.state());
    if (counted !== undefined) return counted;
    const enabled = run.execution.enabled();
    if (enabled === 0) return 1n;
    if (path.length > maxStates) return null;
    const fiber = lowest(enabled);
    path.push({ state: run.state(), rest: enabled & ~(1 << fiber), sum: 0n });
    run.step(fiber);
  }
}
