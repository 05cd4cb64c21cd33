/** What a worker is asked for and what it answers. Variants go by id: functions cannot cross to another thread. */
import type { Comparison } from '@iommu-lab/comparison';

export interface WorkerSelection {
  readonly variants: readonly string[];
  readonly workload?: string;
  readonly era?: string;
}

export type WorkerMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly id: string }
  | { readonly kind: 'compared'; readonly comparison: Comparison };

/** How often a worker tells where it is: every so many cases. */
export const PROGRESS_EVERY = 8;
