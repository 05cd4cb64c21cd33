/** One search as a message: what goes to a worker and what comes back. All of it can be cloned between threads. */
import { findVariant } from '@iommu-lab/comparison';
import {
  type ExploreResult,
  type ExploreScenarioOptions,
  exploreScenario,
  type Scenario,
} from '@iommu-lab/conformance';
import type { Progress } from '@iommu-lab/explorer';

export interface SearchJob {
  readonly scenario: Scenario;
  /** Id of a built-in variant. */
  readonly variant: string;
  readonly options: Omit<ExploreScenarioOptions, 'onProgress'>;
}

/** What a worker is sent. Its search ends when the number in `stop` is no longer 0. */
export interface JobMessage {
  readonly job: SearchJob;
  readonly stop: SharedArrayBuffer;
}

/** What a worker sends. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly result: ExploreResult }
  | { readonly kind: 'failed'; readonly message: string };

/** Runs a search in this thread. `onProgress` answers whether it may go on. */
export function runJob(job: SearchJob, onProgress: (progress: Progress) => boolean): ExploreResult {
  return exploreScenario(job.scenario, findVariant(job.variant), { ...job.options, onProgress });
}
