/**
 * Small random programs, the same for the same seed, out of a mix of primitives. Two threads, or three shorter ones:
 * few enough scheduling points to run every interleaving.
 */
import { type Op, program, SeededRandom } from '../../../src/index';
import type { Subject } from '../../oracle/brute-force';
import { SharedState } from './shared-state';
import { Actor, VERBS, type Verb } from './verbs';

/** Verbs that a program draws from; one that stands twice is drawn twice as often. */
export interface Mix {
  readonly id: string;
  readonly verbs: readonly Verb[];
  /** What an optimal search plans can always be run, for nothing depends on how a try or a wait went. */
  readonly neverRedundant?: boolean;
  /**
   * What a step accesses may depend on the state. Engines take a step to access all that it may, so executions that
   * differ in the order of steps that could have met, and did not, are different to them.
   */
  readonly mayRepeat?: boolean;
  /** Seeds beyond the first few hundred whose programs alone showed a wrong rule. */
  readonly hard?: readonly number[];
}

const VARIABLES: readonly Verb[] = ['load', 'load', 'store', 'store', 'branch'];
const MUTEX: readonly Verb[] = ['lock', 'lock', 'lock', 'lock', 'unlock'];
const SEMAPHORE: readonly Verb[] = ['downRead', 'downRead', 'downWrite', 'downWrite'];

export const MIXES: readonly Mix[] = [
  { id: 'variables', verbs: VARIABLES, neverRedundant: true },
  { id: 'mutex', verbs: [...VARIABLES, ...MUTEX], neverRedundant: true },
  { id: 'mutex and rwsem', verbs: [...VARIABLES, ...MUTEX, ...SEMAPHORE] },
  { id: 'trylock', verbs: [...VARIABLES, 'trylock', 'trylock', ...MUTEX, 'downWrite', 'downRead'] },
  {
    id: 'await',
    verbs: [
      ...VARIABLES,
      'store',
      'awaitPositive',
      'awaitPositive',
      'awaitZeroOrLarge',
      'awaitZeroOrLarge',
      'lock',
    ],
  },
  {
    id: 'references',
    neverRedundant: true,
    verbs: [
      'get',
      'get',
      'put',
      'put',
      'tryGet',
      'countReferences',
      'useThing',
      'changeThing',
      'freeThing',
      'store',
      'load',
    ],
  },
  {
    id: 'published objects',
    neverRedundant: true,
    verbs: ['publish', 'publish', 'usePublished', 'usePublished', 'retire', 'lock', 'unlock'],
  },
  {
    id: 'guarded',
    mayRepeat: true,
    verbs: [
      'lockedSection',
      'lockedBranch',
      'lock',
      'downWrite',
      'downRead',
      'loadGuarded',
      'loadRacy',
      'storeGuarded',
      'changeGuardedOfThing',
      'freeThing',
      'unlock',
    ],
  },
  {
    id: 'completion',
    verbs: ['complete', 'complete', 'waitForCompletion', 'waitForCompletion', 'load', 'store', 'lock'],
  },
  {
    id: 'signals',
    verbs: [
      'lockInterruptible',
      'lockInterruptible',
      'lockKillable',
      'downWriteKillable',
      'downRead',
      'lock',
      'unlock',
      'sendSignal',
      'kill',
      'clearSignal',
      'signalPending',
      'store',
    ],
  },
  {
    id: 'wait queue',
    verbs: [
      'waitForWakeUp',
      'waitForWakeUpInterruptible',
      'wakeUp',
      'store',
      'load',
      'sendSignal',
      'clearSignal',
      'lock',
    ],
  },
  {
    id: 'failing allocations',
    mayRepeat: true,
    verbs: ['allocate', 'allocate', 'armFailure', 'armFailure', 'load', 'store', 'lock', 'unlock'],
  },
  {
    id: 'within steps',
    mayRepeat: true,
    hard: [453],
    verbs: [
      'loadAndCount',
      'loadAndMaybeCount',
      'storeAndLook',
      'changeOfThingInStep',
      'log',
      'load',
      'store',
      'useThing',
      'freeThing',
      'lock',
    ],
  },
];

interface Instruction {
  readonly verb: Verb;
  readonly which: number;
}

/** Scheduling points of each thread, at most: 924 or 4200 interleavings where nothing waits. */
const POINTS: readonly (readonly number[])[] = [
  [6, 6],
  [4, 3, 3],
];

function randomInstructions(random: SeededRandom, verbs: readonly Verb[], points: number): Instruction[] {
  const instructions: Instruction[] = [];
  let left = points;
  while (left > 0) {
    const verb = verbs[random.below(verbs.length)] as Verb;
    left -= VERBS[verb].points;
    if (left >= 0) instructions.push({ verb, which: random.below(2) });
  }
  return instructions;
}

/** A random program and what its threads see. Its text is its id. */
export function randomProgram(mix: Mix, seed: number): Subject {
  const random = new SeededRandom(seed);
  const points = POINTS[random.below(POINTS.length)] as readonly number[];
  const codes = points.map((most) => randomInstructions(random, mix.verbs, most));
  const text = codes.map((code) => code.map(({ verb, which }) => `${verb}${which}`).join(' ')).join(' | ');
  let outcome = () => '';
  const made = program(text, (world) => {
    const state = new SharedState(world, codes.length);
    // The actors of the latest execution: what they saw is there even when they never end.
    const actors: Actor[] = [];
    outcome = () => `${actors.map(({ seen }) => seen.join(' ')).join('|')}; ${state.digest()}`;
    const threads = codes.map((code, number) => ({
      name: `t${number}`,
      task: { signal: state.signals[number % 2] },
      body: () => {
        const actor = new Actor(state, number);
        actors[number] = actor;
        return act(actor, code);
      },
    }));
    return { threads };
  });
  return { program: made, outcome: () => outcome() };
}

function* act(actor: Actor, code: readonly Instruction[]): Op<void> {
  for (const { verb, which } of code) yield* VERBS[verb].act(actor, which);
  let more = true;
  while (more) more = yield* actor.release();
}
