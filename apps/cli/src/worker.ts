/** A worker thread: runs one search after the other, as the main thread sends them. */
import { parentPort } from 'node:worker_threads';
import { type JobMessage, runJob, type WorkerMessage } from './explore/job';

const port = parentPort;
if (port === null) throw new TypeError('this module is the code of a worker thread');

const send = (message: WorkerMessage): void => port.postMessage(message);

port.on('message', ({ job, stop }: JobMessage) => {
  const stopped = new Int32Array(stop);
  try {
    const result = runJob(job, (progress) => {
      send({ kind: 'progress', progress });
      return Atomics.load(stopped, 0) === 0;
    });
    send({ kind: 'done', result });
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
