/** A verb of the command: what stands in its help, and what it does. */
import type { ExitStatus } from './exit-status';
import type { Io } from './io';
import type { Options } from './options';

export interface VerbOption {
  /** As cac reads it: `--variant <ids>` takes a value, `--json` does not. */
  readonly flag: string;
  readonly text: string;
}

export interface Invocation {
  readonly io: Io;
  /** What stands after the verb, in order. */
  readonly positionals: readonly string[];
  readonly options: Options;
}

export interface Verb {
  readonly name: string;
  /** The positional parameters as cac reads them: `<variant>`, `[...paths]`, or nothing. */
  readonly parameters: string;
  /** The same as help shows them. */
  readonly usage: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  readonly options: readonly VerbOption[];
  /** What else a user must know, as lines of help. */
  readonly notes: readonly string[];
  readonly examples: readonly string[];
  /** @throws UsageError, FileError, InputError */
  run(invocation: Invocation): ExitStatus | Promise<ExitStatus>;
}
