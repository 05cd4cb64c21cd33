/** A worker thread: compares the variants that it is given and posts the comparison. */
import { parentPort, workerData } from 'node:worker_threads';
import { compare, findVariant } from '@iommu-lab/comparison';
import { PROGRESS_EVERY, type WorkerMessage, type WorkerSelection } from './selection';

const { variants, ...rest } = workerData as WorkerSelection;
const post = (message: WorkerMessage) => parentPort?.postMessage(message);

const comparison = compare({
  ...rest,
  variants: variants.map(findVariant),
  onProgress: (done, total, id) => {
    if (done % PROGRESS_EVERY === 0 || done === total) post({ kind: 'progress', done, total, id });
  },
});
post({ kind: 'compared', comparison });
