/** One line on standard error that says how far the work is; only on a terminal, and gone when the work is done. */
import type { Io } from '../io';

const MILLISECONDS_BETWEEN = 100;
const ERASE_LINE = '\r\x1b[K';

/** Runs work that reports how far it is. The line is gone when it returns or throws. */
export function withProgress<T>(io: Io, work: (report: Progress['report']) => T): T {
  const progress = new Progress(io);
  try {
    return work(progress.report);
  } finally {
    progress.erase();
  }
}

export class Progress {
  readonly #io: Io;
  readonly #start: number;
  #shownAt = Number.NEGATIVE_INFINITY;
  #shown = false;

  constructor(io: Io) {
    this.#io = io;
    this.#start = io.now();
  }

  /** A listener for `onProgress`: `done` of `total` pieces of work, the last one called `id`. */
  readonly report = (done: number, total: number, id: string): void => {
    this.show((perSecond) => `${done}/${total} cases, ${perSecond(done)}/s  ${id}`);
  };

  /** Shows a line in place of the last, unless that was just shown. `perSecond` makes a rate of a count since the start. */
  show(line: (perSecond: (count: number) => number) => string): void {
    const { stderr } = this.#io;
    if (!stderr.isTerminal) return;
    const now = this.#io.now();
    if (now - this.#shownAt < MILLISECONDS_BETWEEN) return;
    this.#shownAt = now;
    this.#shown = true;
    const perSecond = (count: number) => Math.round((count * 1000) / Math.max(now - this.#start, 1));
    stderr.write(ERASE_LINE + line(perSecond).slice(0, (stderr.columns || 80) - 1));
  }

  /** Takes the line away. Call it before anything else is written, also after a failure. */
  erase(): void {
    if (this.#shown) this.#io.stderr.write(ERASE_LINE);
    this.#shown = false;
  }
}
