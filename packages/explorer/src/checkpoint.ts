/** What a world saves and goes back to. */
import type { HoldingFiber } from './spare-fibers';

/**
 * State outside of cells that belongs to the world: hardware, memory. It is saved and restored with the world, and its
 * digest is part of the state's.
 */
export interface ExternalState {
  checkpoint(): unknown;
  /** Goes back to what `checkpoint` returned; may be called any number of times for one checkpoint. */
  restore(checkpoint: unknown): void;
  /** A 32-bit hash of all that later behaviour can depend on. */
  digest(): number;
}

/** A place to restore to. Opaque. */
export interface WorldCheckpoint {
  readonly mark: number;
  readonly steps: number;
  readonly locations: number;
  readonly fibers: number;
  readonly allocations: number;
  readonly holding: readonly HoldingFiber[];
  readonly now: number;
  readonly violations: number;
  readonly live: ReadonlyMap<string, number>;
  readonly births: number;
  readonly external: readonly unknown[];
}
