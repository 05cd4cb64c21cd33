/**
 * What the command sees of the process that it runs in: two streams, the environment, the current folder, a clock for
 * the progress line, threads, the user's interrupt. Tests give their own.
 */

import type { Worker } from 'node:worker_threads';

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Characters in a line, where the stream knows. */
  readonly columns: number | undefined;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder: relative paths on the command line start here. */
  readonly folder: string;
  /** Milliseconds since some point in the past. Only for progress and never for results. */
  now(): number;
  /** Starts a thread for searches; null: they run in this one. */
  readonly newWorker: (() => Worker) | null;
  /** Calls `listener` at the next interrupt (SIGINT), the first only; a second one ends the process. Returns how to undo that. */
  onInterrupt(listener: () => void): () => void;
}
