/** The options of one call, by name. Each may be given once; those that take a list may be repeated. */
import { UsageError } from './usage-error';

export class Options {
  readonly #given: Readonly<Record<string, unknown>>;

  constructor(given: Readonly<Record<string, unknown>>) {
    this.#given = given;
  }

  /** cac knows `--max-executions` as `maxExecutions`. */
  #valueOf(name: string): unknown {
    return this.#given[name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  }

  /** Whether an option without a value was given. */
  flag(name: string): boolean {
    const given = this.#valueOf(name);
    return (Array.isArray(given) ? given.at(-1) : given) === true;
  }

  /** An option's value. @throws UsageError where it was given more than once. */
  text(name: string): string | undefined {
    const given = this.#valueOf(name);
    if (Array.isArray(given)) throw new UsageError(`--${name} was given ${given.length} times`);
    return given === undefined ? undefined : String(given);
  }

  /** The elements of an option that takes a list: separated by commas, or the option repeated. */
  list(name: string): string[] | undefined {
    const given = this.#valueOf(name);
    if (given === undefined) return undefined;
    return [given].flat().flatMap((each) => String(each).split(','));
  }

  /** An option's value, one of `choices`; the first where it was not given. @throws UsageError */
  choice<const C extends string>(name: string, choices: readonly [C, ...C[]]): C {
    const text = this.text(name);
    if (text === undefined) return choices[0];
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new UsageError(`--${name} is one of ${choices.join(', ')}, not "${text}"`);
  }

  /** An option's value as a whole number from `least` on. @throws UsageError */
  whole(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^[0-9]+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
    throw new UsageError(`--${name} is a whole number from ${least} on, not "${text}"`);
  }
}
