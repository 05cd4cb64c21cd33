/** The command line: every value arrives as it was typed, every mistake is a usage error. */
import { describe, expect, it } from 'vitest';
import { parse } from '../src/parse';
import { UsageError } from '../src/usage-error';
import type { Verb } from '../src/verb';

const verb = (name: string, parameters: string, flags: readonly string[]): Verb => ({
  name,
  parameters,
  usage: name,
  summary: name,
  options: flags.map((flag) => ({ flag, text: '' })),
  notes: [],
  examples: [],
  run: () => 0,
});

const VERBS = [
  verb('compare', '', ['--era <era>', '--variant <ids>', '--json']),
  verb('show', '[what]', []),
  verb('verify', '<kind> <...paths>', ['--json', '--profile <id>']),
];

const parsed = (...argv: string[]) => {
  const result = parse(argv, VERBS);
  if (result.kind !== 'verb') throw new Error(`a ${result.kind}`);
  return result;
};

describe('values', () => {
  it.each(['5.10', '6.1', '007', '1e3', '0x10', '', ' ', 'a=b', '-x=1'])('keeps %j as it is', (text) => {
    expect(parsed('compare', `--era=${text}`).options.text('era')).toBe(text);
    if (!text.startsWith('-')) {
      expect(parsed('compare', '--era', text).options.text('era')).toBe(text);
      expect(parsed('show', text).positionals).toEqual([text]);
    }
  });

  it('are a list where commas or repetition make one', () => {
    expect(parsed('compare', '--variant', 'a,b', '--variant=c').options.list('variant')).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(parsed('compare').options.list('variant')).toBeUndefined();
  });

  it('leave what follows a flag alone', () => {
    const { positionals, options } = parsed('verify', '--json', 'traces', '5.10', 'a', '--profile', 'p', 'b');
    expect(positionals).toEqual(['traces', '5.10', 'a', 'b']);
    expect(options.flag('json')).toBe(true);
    expect(options.text('profile')).toBe('p');
    expect(options.flag('nonesuch')).toBe(false);
  });

  it('after -- are positional, whatever they look like', () => {
    expect(parsed('verify', 'traces', '--', '--json').positionals).toEqual(['traces', '--json']);
  });
});

describe('other lines', () => {
  it('are help, of the whole or of a verb, the version, or nothing', () => {
    expect(parse(['--help'], VERBS)).toEqual({ kind: 'help', verb: null });
    expect(parse(['-h'], VERBS)).toEqual({ kind: 'help', verb: null });
    expect(parse(['show', '--help'], VERBS)).toEqual({ kind: 'help', verb: VERBS[1] });
    expect(parse(['verify', '--help'], VERBS)).toEqual({ kind: 'help', verb: VERBS[2] });
    expect(parse(['--version'], VERBS)).toEqual({ kind: 'version' });
    expect(parse(['-v'], VERBS)).toEqual({ kind: 'version' });
    expect(parse([], VERBS)).toEqual({ kind: 'nothing' });
  });

  it.each([
    [['frobnicate'], 'unknown verb "frobnicate"; there are: compare, show, verify'],
    [['5.10'], 'unknown verb "5.10"; there are: compare, show, verify'],
    [['--frobnicate'], 'unknown option --frobnicate'],
    [['compare', '--frobnicate', 'x'], 'unknown option --frobnicate'],
    [['compare', '-x'], 'unknown option -x'],
    [['compare', '--era'], 'option --era <era> value is missing'],
    [['compare', '--era', '--json'], 'option --era <era> value is missing'],
    [['compare', 'extra', '6.10'], 'too much: extra, 6.10'],
    [['verify'], 'a parameter is missing: iommu-lab verify'],
  ])('are refused in one line: %j', (argv, message) => {
    expect(() => parse(argv, VERBS)).toThrow(new UsageError(message));
  });

  it('refuse an option that was given twice, and a choice that there is not', () => {
    const twice = parsed('compare', '--era', '6.1', '--era', '6.12').options;
    expect(() => twice.text('era')).toThrow(new UsageError('--era was given 2 times'));
    const { options } = parsed('compare', '--era', 'x');
    expect(() => options.choice('era', ['a', 'b'])).toThrow(new UsageError('--era is one of a, b, not "x"'));
    expect(parsed('compare').options.choice('era', ['a', 'b'])).toBe('a');
  });
});
