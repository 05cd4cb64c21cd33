/** The command's exit status: the same four for every verb. */

/** What was asked for holds, or was shown. */
export const HOLDS = 0;
/** It was compared and does not hold. */
export const DOES_NOT_HOLD = 1;
/** The command line is wrong: an unknown verb, option, variant, case or era. */
export const WRONG_USAGE = 2;
/** Something could not be read, understood or written, or the command itself failed. */
export const COULD_NOT_LOAD = 3;

export type ExitStatus = typeof HOLDS | typeof DOES_NOT_HOLD | typeof WRONG_USAGE | typeof COULD_NOT_LOAD;
