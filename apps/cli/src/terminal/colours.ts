/** Colour is for terminals alone, and never the only carrier of what is said. */
import picocolors from 'picocolors';
import type { Io } from '../io';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours of standard output: none in a pipe, on a dumb terminal or where NO_COLOR is set (no-color.org). */
export function coloursOf(io: Io): Colours {
  const { NO_COLOR, TERM } = io.environment;
  const refused = NO_COLOR !== undefined && NO_COLOR !== '';
  return picocolors.createColors(io.stdout.isTerminal && !refused && TERM !== 'dumb');
}

/** No colour at all. */
export const PLAIN: Colours = picocolors.createColors(false);
