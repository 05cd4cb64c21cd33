/**
 * Bad input of any kind: a malformed trace, case, profile or result file.
 *
 * Whoever reads it gets one clear line with the place in the input, never a stack trace; the CLI turns the class into
 * exit status 2 or 3. A programmer's mistake is a `TypeError` and never this.
 */

/** Where in the input: a file or other source, a 1-based line of it, a field such as `args.iova`. */
export interface InputPlace {
  readonly source: string;
  readonly line?: number;
  readonly field?: string;
}

export class InputError extends Error {
  override readonly name = 'InputError';

  /** `message` says what was expected and what was there instead; the place is put before it. */
  constructor(
    message: string,
    readonly place: InputPlace,
  ) {
    super(`${placeText(place)}: ${message}`);
  }
}

function placeText({ source, line, field }: InputPlace): string {
  const where = line === undefined ? source : `${source}:${line}`;
  return field === undefined || field === '' ? where : `${where}: field ${field}`;
}
