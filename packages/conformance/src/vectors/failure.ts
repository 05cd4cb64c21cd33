/** One thing that came out differently from what a vector demands. */
export interface Failure {
  /** An operation, an entry or a walk, named by its place in the vector. */
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** Adds a failure when the two texts differ. */
export function compareText(failures: Failure[], what: string, expected: string, actual: string): void {
  if (expected !== actual) failures.push({ what, expected, actual });
}
