/** What an operation costs in the model: deterministic counts, never times. */
import type { TraceEvent } from '@iommu-lab/explorer';
import type { Cost } from '../results/results';
import { LOCK_ACQUISITIONS } from './lock-acquisitions';

/** Counts from the events of an execution. */
export class CostRecorder {
  #lockAcquisitions = 0;
  #stepsHeld = 0;
  #invalidations = 0;
  #contextWrites = 0;

  /** A listener for `World.listener`. */
  readonly listen = (event: TraceEvent): void => {
    if (event.kind !== 'operation') return;
    if (LOCK_ACQUISITIONS.has(event.name)) this.#lockAcquisitions++;
    if (event.held.length > 0) this.#stepsHeld++;
    if (event.name.startsWith('hw.invalidate_')) this.#invalidations++;
    if (event.name === 'hw.write_context') this.#contextWrites++;
  };

  get cost(): Cost {
    return {
      lockAcquisitions: this.#lockAcquisitions,
      stepsHeld: this.#stepsHeld,
      invalidations: this.#invalidations,
      contextWrites: this.#contextWrites,
    };
  }
}
