/** The command in this process. */
import { run } from '../src/run';
import { type MemoryOptions, memoryIo } from './memory-io';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line, given as in a shell but without quotes. */
export async function runLine(line: string, options: MemoryOptions = {}): Promise<Ran> {
  const { io, read } = memoryIo(options);
  const status = await run(
    line.split(' ').filter((word) => word !== ''),
    io,
  );
  return { status, ...read() };
}
