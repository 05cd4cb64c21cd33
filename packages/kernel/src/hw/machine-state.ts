/**
 * The machine as part of a world: saved and restored with it, allocating for each fiber of a search from a lane of its
 * own, as a kernel's per-CPU page lists do, and telling what it touches.
 */
import type { Machine, MachineCheckpoint, MachineWatcher } from '@iommu-lab/core';
import { MachinePart, type Touch } from '@iommu-lab/core';
import { AccessKind, type ExternalState, type World } from '@iommu-lab/explorer';
import type { HardwareLocations } from './locations';

/** Told of a part of the machine that is touched. */
export type TouchListener = (part: MachinePart, a: number, b: number, touch: Touch) => void;

export class MachineState implements ExternalState, MachineWatcher {
  #listener: TouchListener | null = null;

  constructor(
    private readonly machine: Machine,
    private readonly world: World,
    private readonly locations: HardwareLocations,
  ) {
    machine.memory.watcher = this;
    world.attach(this);
  }

  checkpoint(): MachineCheckpoint {
    return this.machine.checkpoint();
  }

  restore(checkpoint: unknown): void {
    this.machine.restore(checkpoint as MachineCheckpoint);
  }

  digest(): number {
    return this.machine.digest();
  }

  get lanes(): number {
    return this.world.searchedFibers;
  }

  lane(): number {
    const { current, mode } = this.world;
    return mode === 'search' && current !== null ? current.id : -1;
  }

  /** Whoever allocates or frees a page finds out which one by doing it: it is an access of the running step. */
  touch(part: MachinePart, a: number, b: number, touch: Touch): void {
    if (this.#listener !== null) this.#listener(part, a, b, touch);
    else if (part === MachinePart.ALLOCATION) {
      this.world.accessInStep(this.locations.pages.of(a), AccessKind.WRITE);
    }
  }

  /** Runs `rehearsal`, which must change nothing, and tells `listener` of all that it touches. */
  watch<T>(listener: TouchListener, rehearsal: () => T): T {
    this.#listener = listener;
    try {
      return rehearsal();
    } finally {
      this.#listener = null;
    }
  }
}
