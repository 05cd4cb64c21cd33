/**
 * Runs searches side by side, each in a worker thread; without workers one after the other in this thread. An interrupt
 * ends those that run, with what they have shown by then, and begins no more.
 */
import type { Worker } from 'node:worker_threads';
import type { ExploreResult } from '@iommu-lab/conformance';
import type { Progress } from '@iommu-lab/explorer';
import type { Io } from '../io';
import { type JobMessage, runJob, type SearchJob, type WorkerMessage } from './job';

/** Where all searches together stand. */
export interface SearchProgress {
  readonly ended: number;
  readonly total: number;
  readonly executions: number;
  /** Executions that are certain to follow in the searches that run: their branches that are still open. */
  readonly atLeast: number;
  /** The scenario that was heard of last. */
  readonly latest: string;
}

export interface Searched {
  /** In the order of the jobs; null: an interrupt came before it began. */
  readonly results: readonly (ExploreResult | null)[];
  readonly interrupted: boolean;
}

/** @throws Error with a search's own message where one fails */
export async function runSearches(
  io: Io,
  jobs: readonly SearchJob[],
  workers: number,
  onProgress: (progress: SearchProgress) => void,
): Promise<Searched> {
  const run = new Searches(jobs, onProgress);
  const release = io.onInterrupt(() => run.interrupt());
  try {
    if (io.newWorker === null) run.inThisThread();
    else await run.inWorkers(io.newWorker, workers);
    return { results: run.results, interrupted: run.interrupted };
  } finally {
    release();
  }
}

class Searches {
  readonly results: (ExploreResult | null)[];
  readonly #stop = new SharedArrayBuffer(4);
  readonly #running = new Map<number, Progress>();
  #next = 0;
  #ended = 0;
  #executions = 0;

  constructor(
    private readonly jobs: readonly SearchJob[],
    private readonly onProgress: (progress: SearchProgress) => void,
  ) {
    this.results = jobs.map(() => null);
  }

  get interrupted(): boolean {
    return Atomics.load(new Int32Array(this.#stop), 0) !== 0;
  }

  interrupt(): void {
    Atomics.store(new Int32Array(this.#stop), 0, 1);
  }

  inThisThread(): void {
    for (let index = this.#take(); index !== null; index = this.#take()) {
      const at = index;
      const result = runJob(this.jobs[at] as SearchJob, (progress) => {
        this.#heard(at, progress);
        return !this.interrupted;
      });
      this.#done(at, result);
    }
  }

  async inWorkers(newWorker: () => Worker, count: number): Promise<void> {
    const workers = Array.from({ length: Math.min(count, this.jobs.length) }, newWorker);
    try {
      await Promise.all(workers.map((worker) => this.#serve(worker)));
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  }

  /** Gives a worker one job after the other. */
  async #serve(worker: Worker): Promise<void> {
    for (let index = this.#take(); index !== null; index = this.#take()) {
      this.#done(index, await this.#ask(worker, index));
    }
  }

  #ask(worker: Worker, index: number): Promise<ExploreResult> {
    return new Promise((resolve, reject) => {
      worker.removeAllListeners();
      worker.on('error', reject);
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'progress') this.#heard(index, message.progress);
        else if (message.kind === 'done') resolve(message.result);
        else reject(new Error(message.message));
      });
      const job: JobMessage = { job: this.jobs[index] as SearchJob, stop: this.#stop };
      worker.postMessage(job);
    });
  }

  /** The next job that is to begin, or null. */
  #take(): number | null {
    if (this.interrupted || this.#next >= this.jobs.length) return null;
    return this.#next++;
  }

  #heard(index: number, progress: Progress): void {
    this.#running.set(index, progress);
    this.#tell(index);
  }

  #done(index: number, result: ExploreResult): void {
    this.results[index] = result;
    this.#running.delete(index);
    this.#ended++;
    this.#executions += result.executions;
    this.#tell(index);
  }

  #tell(index: number): void {
    const running = [...this.#running.values()];
    const sum = (of: (progress: Progress) => number) => running.reduce((total, one) => total + of(one), 0);
    const { scenario, variant } = this.jobs[index] as SearchJob;
    this.onProgress({
      ended: this.#ended,
      total: this.jobs.length,
      executions: this.#executions + sum(({ executions }) => executions),
      atLeast: sum(({ atLeast }) => atLeast),
      latest: `${scenario.id} ${variant}`,
    });
  }
}
