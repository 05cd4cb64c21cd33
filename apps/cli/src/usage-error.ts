/** The command line is wrong. The message is one line that says what was wrong and what there is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
