/** The process: joins `run` to the real streams. `bin/iommu-lab.js` loads the built form of this module. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { COULD_NOT_LOAD } from './exit-status';
import type { Io, Output } from './io';
import { run } from './run';

/** Set where what was printed did not arrive: then the status says so, whatever was found. */
let outputLost = false;

function output(stream: NodeJS.WriteStream, onLost: (error: Error) => void): Output {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (closed) return;
    closed = true;
    // Whoever read our output went away, as `head` does: the rest is for nobody.
    if (error.code !== 'EPIPE') onLost(error);
  });
  return {
    write: (text) => {
      if (!closed) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true ? stream.columns : undefined;
    },
  };
}

const io: Io = {
  stdout: output(process.stdout, (error) => {
    outputLost = true;
    process.exitCode = COULD_NOT_LOAD;
    process.stderr.write(`iommu-lab: standard output: ${error.message}\n`);
  }),
  stderr: output(process.stderr, () => {}),
  environment: process.env,
  folder: process.cwd(),
  now: () => performance.now(),
  newWorker: () => new Worker(new URL('./worker.js', import.meta.url)),
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => process.removeListener('SIGINT', listener);
  },
};

// Not process.exit(): what is still being written to a pipe would be lost.
const status = await run(process.argv.slice(2), io);
process.exitCode = outputLost ? COULD_NOT_LOAD : status;
