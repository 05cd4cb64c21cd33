/** `replay`: the schedule of a token, event by event. */
import { type ReplayedToken, replayToken } from '@iommu-lab/comparison';
import { parseScenario, scenarios } from '@iommu-lab/conformance';
import { UsageError as ExplorerUsageError } from '@iommu-lab/explorer';
import { DOES_NOT_HOLD, HOLDS } from '../exit-status';
import { readBytes } from '../files/find';
import { jsonOf } from '../files/json';
import type { Io } from '../io';
import type { Options } from '../options';
import { replayJson, replayText } from '../render/replay-text';
import { UsageError } from '../usage-error';
import { variantNamed } from '../variants';
import type { Verb } from '../verb';

export const replayVerb: Verb = {
  name: 'replay',
  parameters: '<token>',
  usage: 'replay TOKEN',
  summary: 'Shows one order, event by event',
  options: [
    { flag: '--variant <id>', text: 'replay on this design (default: the one it was found on)' },
    { flag: '--scenario <path>', text: 'the scenario of the token, where it is a file of your own' },
    { flag: '--calls', text: 'show calls of kernel functions and accesses under a lock too' },
    { flag: '--json', text: 'print the events as JSON, and nothing else' },
  ],
  notes: [
    'TOKEN is what "iommu-lab explore" prints of a violation. One event a line, a column for each thread, the number of' +
      ' the step before it.',
    'A token of another version may lead elsewhere: the output says at which step. Exit status 1 says that the schedule' +
      ' shows a violation.',
  ],
  examples: [
    'iommu-lab replay v1:3odxdt:9.1',
    'iommu-lab replay v1:3odxdt:9.1 --variant device/pinned',
    'iommu-lab replay v1:3odxdt:9.1 --json',
  ],
  run({ io, positionals, options }) {
    const replayed = replayOf(positionals[0] ?? '', options, io);
    const text = options.flag('json')
      ? `${JSON.stringify(replayJson(replayed), null, 2)}\n`
      : replayText(replayed, options.flag('calls') ? 'all' : 'steps', io);
    io.stdout.write(text);
    return replayed.violations.length === 0 ? HOLDS : DOES_NOT_HOLD;
  },
};

function replayOf(token: string, options: Options, io: Io): ReplayedToken {
  const id = options.text('variant');
  const path = options.text('scenario');
  const own = path === undefined ? [] : [parseScenario(jsonOf(readBytes(path, io.folder), path), path)];
  try {
    return replayToken(token, {
      ...(id === undefined ? {} : { variant: variantNamed(id) }),
      scenarios: path === undefined ? scenarios() : own,
    });
  } catch (error) {
    throw error instanceof ExplorerUsageError ? new UsageError(error.message) : error;
  }
}
