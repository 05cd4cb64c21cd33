/** Runs executions step by step, and looks at each state as a whole. */
import {
  canonicalHash,
  Execution,
  type Fiber,
  SeededRandom,
  StateDigest,
  type World,
} from '@iommu-lab/explorer';
import { type Accesses, copyOf } from './dependency';
import { StepRecorder } from './recorder';
import type { scenarioProgram } from './scenarios';

type Scenario = ReturnType<typeof scenarioProgram>;

/** No schedule of these programs is longer, unless something never ends. */
const MOST_STEPS = 5000;
/** In a schedule of so many steps all neighbours are swapped. */
const FEW_STEPS = 40;

/** Runs one random schedule; what its steps touched without having declared it, each once. */
export function undeclaredTouches({ program, system }: Scenario, seed: number): string[] {
  const random = new SeededRandom(seed);
  const execution = new Execution(program);
  const found = new Set<string>();
  execution.start();
  const recorder = new StepRecorder(system.kernel);
  try {
    for (let mask = execution.enabled(); mask !== 0; mask = execution.enabled()) {
      const fiber = pick(execution, mask, random);
      recorder.begin(fiber);
      execution.step(fiber.id);
      for (const line of recorder.undeclared(fiber)) found.add(line);
      if (program.world.steps > MOST_STEPS) throw new Error(`${program.id} does not end`);
    }
  } finally {
    recorder.stop();
    execution.finish();
  }
  return [...found];
}

function pick({ fibers }: Execution, mask: number, random: SeededRandom): Fiber {
  const enabled = fibers.filter((fiber) => (mask >> fiber.id) & 1);
  return enabled[random.below(enabled.length)] as Fiber;
}

/** One step of an execution, and the state after it. */
interface Made {
  readonly id: number;
  readonly name: string;
  readonly accesses: Accesses;
  /** A hash of what the operation answered. */
  readonly answer: number;
  /** The whole state, fibers included. */
  readonly state: number;
}

interface Difference {
  readonly name: string;
  readonly value: string;
}

/** Swaps neighbours of random executions of one program. */
export class Swapper {
  readonly #execution: Execution;
  readonly #world: World;
  #answer = 0;
  /** Pairs that were swapped. */
  swapped = 0;

  constructor(readonly scenario: Scenario) {
    this.#execution = new Execution(scenario.program);
    this.#world = scenario.program.world;
    this.#world.changes = new StateDigest();
    this.#world.recorder = {
      touch: () => {},
      performed: ({ local }, value) => {
        if (!local) this.#answer = canonicalHash(value);
      },
    };
  }

  /**
   * Runs one random schedule and swaps independent neighbours, `share` of all, in a short one more; each swap that makes
   * a difference, in words.
   */
  faults(seed: number, isIndependent: (one: Accesses, other: Accesses) => boolean, share: number): string[] {
    for (;;) {
      const { size } = this.#world.shared;
      const found = this.#faults(new SeededRandom(seed), isIndependent, share);
      // What came to light on the way was not looked at before: begin again, as a search does.
      if (this.#world.shared.size === size) return found;
    }
  }

  #faults(
    random: SeededRandom,
    isIndependent: (one: Accesses, other: Accesses) => boolean,
    share: number,
  ): string[] {
    const made = this.#run(random);
    const found: string[] = [];
    for (let at = 0; at + 1 < made.length; at++) {
      const [one, other] = [made[at] as Made, made[at + 1] as Made];
      if (one.id === other.id || !isIndependent(one.accesses, other.accesses)) continue;
      if (random.below(1000) >= Math.max(share, FEW_STEPS / made.length) * 1000) continue;
      this.swapped++;
      const fault = this.#swap(made, at);
      if (fault !== null) found.push(`${one.name} and ${other.name}: ${fault}`);
    }
    return found;
  }

  /** Runs one random schedule twice; the first step after which the second run stands elsewhere, or null. */
  unrepeated(seed: number): string | null {
    const made = this.#run(new SeededRandom(seed));
    this.#execution.start();
    for (const { id, name, state } of made) if (this.#step(id).state !== state) return name;
    return null;
  }

  stop(): void {
    this.#execution.finish();
    this.#world.recorder = null;
    this.#world.changes = null;
  }

  #run(random: SeededRandom): Made[] {
    this.#execution.start();
    const made: Made[] = [];
    for (let mask = this.#execution.enabled(); mask !== 0; mask = this.#execution.enabled()) {
      made.push(this.#step(pick(this.#execution, mask, random).id));
      if (made.length > MOST_STEPS) throw new Error(`${this.scenario.program.id} does not end`);
    }
    return made;
  }

  #step(id: number): Made {
    const fiber = this.#execution.fibers[id] as Fiber;
    const { kind, target } = fiber.pending;
    const name = `"${fiber.name}" ${kind?.name} ${target?.label} in ${fiber.currentFunction}`;
    this.#execution.step(id);
    return { id, name, accesses: copyOf(fiber.performed), answer: this.#answer, state: this.#state() };
  }

  /** Null, or what differs when the steps `at` and `at + 1` are made in the other order. */
  #swap(made: readonly Made[], at: number): string | null {
    const [one, other] = [made[at] as Made, made[at + 1] as Made];
    this.#replay(made, at);
    if ((this.#execution.enabled() & (1 << other.id)) === 0) return 'the second cannot come first';
    const first = this.#step(other.id);
    if (first.answer !== other.answer) return 'the second, made first, is answered something else';
    if ((this.#execution.enabled() & (1 << one.id)) === 0) return 'the first cannot come second';
    const second = this.#step(one.id);
    if (second.answer !== one.answer) return 'the first, made second, is answered something else';
    if (!sameAccesses(first.accesses, other.accesses))
      return 'the second, made first, touches something else';
    if (!sameAccesses(second.accesses, one.accesses)) return 'the first, made second, touches something else';
    return second.state === other.state ? null : this.#difference(made, at);
  }

  /** Names what the two orders leave different. */
  #difference(made: readonly Made[], at: number): string {
    const swapped = this.#describe();
    this.#replay(made, at + 2);
    const original = this.#describe();
    const names = new Set([...original, ...swapped].map(({ name }) => name));
    const valueIn = (states: Difference[], name: string) => states.find((each) => each.name === name)?.value;
    const differing = [...names].filter((name) => valueIn(original, name) !== valueIn(swapped, name));
    return `leave different states: ${differing.join(', ') || 'the machine'}`;
  }

  #replay(made: readonly Made[], count: number): void {
    this.#execution.start();
    for (const { id } of made.slice(0, count)) this.#execution.step(id);
  }

  #state(): number {
    return canonicalHash([this.#world.digest(), ...this.#execution.fibers.map(standing)]);
  }

  #describe(): Difference[] {
    const { changes } = this.#world;
    const cells = [...(changes as StateDigest).changed()].map(([target, hash]) => ({
      name: 'label' in target ? String(target.label) : target.constructor.name,
      value: String(hash),
    }));
    const { unit, memory } = this.scenario.system.kernel.machine;
    const caches = (unit?.describeCaches() ?? []).map((line) => ({ name: line, value: line }));
    const pages = memory.journal.changedPages().map(({ owner, page }) => {
      const words = owner as typeof memory.arena;
      const content = words.words.subarray(page * 1024, page * 1024 + 1024);
      return { name: `words ${words.digestKey} page ${page}`, value: content.join() };
    });
    const fibers = this.#execution.fibers.map((fiber) => ({
      name: fiber.name,
      value: JSON.stringify(standing(fiber)),
    }));
    return [...cells, ...caches, ...pages.filter(({ name }) => !name.startsWith('words -')), ...fibers];
  }
}

/** Where a fiber stands, as far as it can be seen from outside. */
function standing(fiber: Fiber): unknown[] {
  const { pending, state, held, functions } = fiber;
  const locks = held.map((lock) => lock.label);
  if (state !== 'waiting') return [fiber.name, state, locks, canonicalHash(fiber.result)];
  // The record's numbers are not all of this operation: what is not used is left over from an earlier one.
  const { kind, target } = pending;
  const detail = kind?.describe?.(pending) ?? '';
  return [fiber.name, state, locks, [...functions], kind?.name, target?.label, detail];
}

function sameAccesses(one: Accesses, other: Accesses): boolean {
  const texts = (accesses: Accesses) => accesses.map(String).sort().join(' ');
  return texts(one) === texts(other);
}
