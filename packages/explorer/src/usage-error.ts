/** A mistake in the program that uses the explorer (a forgotten `yield*`, a call from inside a fiber). */
export class UsageError extends TypeError {
  override readonly name = 'UsageError';
}
