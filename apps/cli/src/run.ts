/**
 * The command as a function: an argument list and a process's streams in, an exit status out. Whatever goes wrong is
 * one line on standard error.
 */
import { InputError } from '@iommu-lab/conformance';
import manifest from '../package.json';
import { COULD_NOT_LOAD, type ExitStatus, HOLDS, WRONG_USAGE } from './exit-status';
import { FileError } from './file-error';
import { mainHelp, verbHelp } from './help';
import type { Io } from './io';
import { parse } from './parse';
import { widthOf } from './terminal/width';
import { UsageError } from './usage-error';
import { VERBS } from './verbs/index';

/** Runs one command line. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<ExitStatus> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const { message, status } = explain(error);
    io.stderr.write(`iommu-lab: ${message.replaceAll('\n', ' ')}\n`);
    if (io.environment.IOMMU_LAB_DEBUG === '1' && error instanceof Error) io.stderr.write(`${error.stack}\n`);
    return status;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitStatus> {
  const parsed = parse(argv, VERBS);
  const width = widthOf(io);
  switch (parsed.kind) {
    case 'version':
      io.stdout.write(`iommu-lab ${manifest.version}\n`);
      return HOLDS;
    case 'help':
      io.stdout.write(parsed.verb === null ? mainHelp(VERBS, width) : verbHelp(parsed.verb, width));
      return HOLDS;
    case 'nothing':
      io.stderr.write(mainHelp(VERBS, width));
      return WRONG_USAGE;
    case 'verb':
      return parsed.verb.run({ io, positionals: parsed.positionals, options: parsed.options });
  }
}

function explain(error: unknown): { message: string; status: ExitStatus } {
  if (error instanceof UsageError) return { message: error.message, status: WRONG_USAGE };
  if (error instanceof FileError) return { message: error.message, status: COULD_NOT_LOAD };
  if (error instanceof InputError) {
    return { message: error.message, status: isUsage(error) ? WRONG_USAGE : COULD_NOT_LOAD };
  }
  const what = error instanceof Error ? error.message : String(error);
  return {
    message:
      `internal error: ${what} (a fault of iommu-lab and not of your input: please report it with the command line ` +
      'and what IOMMU_LAB_DEBUG=1 adds)',
    status: COULD_NOT_LOAD,
  };
}

/** Bad input that stood on the command line itself. A profile is data that is there or is not. */
function isUsage({ place: { source } }: InputError): boolean {
  return (source.startsWith('--') && source !== '--profile') || source.startsWith('token ');
}
