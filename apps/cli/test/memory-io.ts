/** A process's streams in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Io } from '../src/io';

export interface MemoryOptions {
  readonly folder?: string;
  /** Makes standard output a terminal of that width. */
  readonly columns?: number;
  /** Makes standard error a terminal. */
  readonly progress?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** When the clock of the progress line is asked and stands at this many milliseconds, the user interrupts. */
  readonly interruptAt?: number;
}

export function memoryIo(options: MemoryOptions = {}): { io: Io; read(): { out: string; err: string } } {
  let [out, err, now] = ['', '', 0];
  let interrupt: (() => void) | null = null;
  const io: Io = {
    stdout: {
      write: (text) => {
        out += text;
      },
      isTerminal: options.columns !== undefined,
      columns: options.columns,
    },
    stderr: {
      write: (text) => {
        err += text;
      },
      isTerminal: options.progress === true,
      columns: options.columns,
    },
    environment: options.environment ?? {},
    folder: options.folder ?? '/nonexistent',
    now: () => {
      if (now === options.interruptAt) interrupt?.();
      now += 60;
      return now;
    },
    newWorker: null,
    onInterrupt: (listener) => {
      if (options.interruptAt !== undefined) interrupt = listener;
      return () => {
        interrupt = null;
      };
    },
  };
  return { io, read: () => ({ out, err }) };
}

/** A new folder for one test. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'iommu-lab-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The lines of a text, without the empty one after its end and without colour. */
export function linesOf(text: string): string[] {
  return stripVTControlCharacters(text).replace(/\n$/, '').split('\n');
}

export function longest(text: string): number {
  return Math.max(...linesOf(text).map((line) => line.length));
}
