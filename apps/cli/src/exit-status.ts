/** The command's exit status: the same four for every verb, and one for a search that was interrupted. */

/** What was asked for holds, or was shown. */
export const HOLDS = 0;
/** It was compared and does not hold. */
export const DOES_NOT_HOLD = 1;
/** The command line is wrong: an unknown verb, option, variant, case or era. */
export const WRONG_USAGE = 2;
/** Something could not be read, understood or written, or the command itself failed. */
export const COULD_NOT_LOAD = 3;

/** The user interrupted it; what was established by then was printed. What a shell gives a process that SIGINT ends. */
export const INTERRUPTED = 130;

export type ExitStatus =
  | typeof HOLDS
  | typeof DOES_NOT_HOLD
  | typeof WRONG_USAGE
  | typeof COULD_NOT_LOAD
  | typeof INTERRUPTED;
