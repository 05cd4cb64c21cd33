/** Executions with fingerprints: the common part of the searches that remember where they have been. */
import type { Execution } from './execution';
import { Fingerprint } from './fingerprint';
import { Trail } from './trail';

export class StatefulRun {
  trail: Trail;
  fingerprint: Fingerprint;
  steps = 0;
  newSteps = 0;
  deepest = 0;
  #known: number;

  constructor(readonly execution: Execution) {
    this.trail = new Trail(execution.fibers.length);
    this.fingerprint = new Fingerprint(this.trail);
    this.#known = execution.program.world.shared.size;
  }

  /** Whether accesses came to light that earlier executions did not look at: what is remembered is worth nothing. */
  get mustStartOver(): boolean {
    return this.execution.program.world.shared.size !== this.#known;
  }

  /** Forgets the trail and goes back to the initial state. */
  startOver(): void {
    this.#known = this.execution.program.world.shared.size;
    this.trail = new Trail(this.execution.fibers.length);
    this.fingerprint = new Fingerprint(this.trail);
    this.execution.start();
  }

  /** Goes to the state after the first `depth` events of the trail, which stay. */
  backTo(depth: number): void {
    const { trail, execution } = this;
    while (trail.depth > depth) trail.pop();
    execution.start();
    execution.repeat(trail);
    this.steps += depth;
  }

  step(fiber: number): void {
    const { trail, execution } = this;
    execution.step(fiber);
    const { performed } = execution.fibers[fiber] as Execution['fibers'][number];
    this.fingerprint.enter(fiber, performed);
    trail.push(fiber, performed);
    this.steps++;
    this.newSteps++;
    if (trail.depth > this.deepest) this.deepest = trail.depth;
  }

  /** The state that the trail leads to, as a number; `salt` tells keys about one state apart. */
  state(salt = 0): number {
    return this.fingerprint.at(this.trail.depth, salt);
  }
}
