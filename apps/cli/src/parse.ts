/**
 * Reads a command line with cac. Help and the messages for wrong usage are ours: cac prints to the console by itself
 * and speaks of commands where we say verbs.
 */
import { type CAC, type Command, cac } from 'cac';
import { Options } from './options';
import { UsageError } from './usage-error';
import type { Verb } from './verb';

export type Parsed =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly verb: Verb | null }
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'verb';
      readonly verb: Verb;
      readonly positionals: readonly string[];
      readonly options: Options;
    };

/** @throws UsageError for a verb, an option or a parameter that does not exist or is missing. */
export function parse(argv: readonly string[], verbs: readonly Verb[]): Parsed {
  const cli = declare(verbs);
  const parsed = cli.parse(['node', 'iommu-lab', ...argv.map(keepText)], { run: false });
  const { options } = parsed;
  const verb = verbs.find(({ name }) => name === cli.matchedCommandName) ?? null;
  if (verb === null) {
    const [unknown] = parsed.args;
    if (unknown !== undefined) {
      const known = verbs.map(({ name }) => name).join(', ');
      throw new UsageError(`unknown verb "${asGiven(unknown)}"; there are: ${known}`);
    }
    if (options.help) return { kind: 'help', verb };
    if (options.version) return { kind: 'version' };
    check('', () => cli.globalCommand.checkUnknownOptions());
    return { kind: 'nothing' };
  }
  if (options.help) return { kind: 'help', verb };
  const { '--': rest = [], ...given } = options;
  // cac keeps what follows -- apart; it is positional all the same.
  cli.args = [...parsed.args, ...(rest as string[])];
  const command = cli.matchedCommand as Command;
  check(verb.usage, () => {
    command.checkUnknownOptions();
    command.checkOptionValue();
    command.checkRequiredArgs();
    command.checkUnusedArgs();
  });
  return {
    kind: 'verb',
    verb,
    positionals: cli.args.map(asGiven),
    options: new Options(valuesAsGiven(given)),
  };
}

function declare(verbs: readonly Verb[]): CAC {
  const cli = cac('iommu-lab');
  cli.option('-h, --help', 'Show help');
  cli.option('-v, --version', 'Show the version');
  for (const verb of verbs) {
    const command = cli.command(`${verb.name} ${verb.parameters}`.trim(), verb.summary);
    for (const { flag, text } of verb.options) command.option(flag, text);
  }
  return cli;
}

/** cac's errors are one line each, in words that name its own parts. */
function check(usage: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CACError') throw error;
    const plain = error.message
      .replaceAll('`', '')
      .replace(/^Unknown option/, 'unknown option')
      .replace(/^missing required args.*/, `a parameter is missing: iommu-lab ${usage}`)
      .replace(/^Unused args/, 'too much');
    throw new UsageError(asGiven(plain));
  }
}

/**
 * What looks like a number comes out of cac as one, and 5.10 as 5.1. A character in front that no argument can hold
 * keeps it a text.
 */
const MARK = '\0';

function keepText(argument: string): string {
  const value = /^(--?[^=]+=)(.*)$/s.exec(argument);
  if (value !== null) return `${value[1]}${marked(value[2] ?? '')}`;
  return argument.startsWith('-') ? argument : marked(argument);
}

function marked(text: string): string {
  return Number.isFinite(Number(text)) ? MARK + text : text;
}

function asGiven(text: string): string {
  return text.replaceAll(MARK, '');
}

function valuesAsGiven(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const one = (value: unknown) => (typeof value === 'string' ? asGiven(value) : value);
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(one) : one(value),
    ]),
  );
}
