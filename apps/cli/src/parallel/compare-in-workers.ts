/**
 * Compares in several threads, each with its share of the variants: they have nothing in common but the workloads.
 * The result is the same as in one thread.
 */
import { Worker } from 'node:worker_threads';
import { type Comparison, mergeComparisons } from '@iommu-lab/comparison';
import type { WorkerMessage, WorkerSelection } from './selection';

export type OnProgress = (done: number, total: number, id: string) => void;

/** `module`: the built worker. Precondition: `threads` >= 1. Rejects with what a worker threw. */
export async function compareInWorkers(
  module: URL,
  threads: number,
  selection: WorkerSelection,
  onProgress: OnProgress,
): Promise<Comparison> {
  const shares = sharesOf(selection.variants, threads);
  const done = shares.map(() => 0);
  const totals = shares.map(() => 0);
  const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
  const parts = await Promise.all(
    shares.map((variants, index) =>
      runWorker(module, { ...selection, variants }, (share, total, id) => {
        done[index] = share;
        totals[index] = total;
        onProgress(sum(done), sum(totals), id);
      }),
    ),
  );
  return mergeComparisons(parts);
}

/** Runs of neighbours, as equal as can be: put together they are in the old order. */
function sharesOf(variants: readonly string[], threads: number): string[][] {
  const count = Math.min(threads, variants.length);
  return Array.from({ length: count }, (_, index) => {
    const at = (share: number) => Math.round((share * variants.length) / count);
    return variants.slice(at(index), at(index + 1));
  });
}

function runWorker(module: URL, selection: WorkerSelection, onProgress: OnProgress): Promise<Comparison> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(module, { workerData: selection });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'compared') resolve(message.comparison);
      else onProgress(message.done, message.total, message.id);
    });
    worker.on('error', reject);
    worker.on('exit', (status) => reject(new Error(`a worker ended with status ${status}`)));
  });
}
