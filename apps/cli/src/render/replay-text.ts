/** A replayed schedule: for people in columns, for programs as JSON. */
import type { ReplayedToken } from '@iommu-lab/comparison';
import { columns, type Detail } from '@iommu-lab/explorer';
import type { Io } from '../io';
import { coloursOf } from '../terminal/colours';
import { widthOf, wrap } from '../terminal/width';
import { counted } from './tally-text';

/** The whole output: what it is, the events, what they show. */
export function replayText(replayed: ReplayedToken, detail: Detail, io: Io): string {
  const width = widthOf(io);
  const colours = coloursOf(io);
  const { scenario, variant, era, token, threads, events, violations, story, remedy } = replayed;
  const title = `${token}: ${scenario.id} on ${variant} (kernel ${era}): ${scenario.title}`;
  const shown = violations.flatMap(({ kind, at, message }) =>
    wrap(`${kind} in ${at}: ${message}`, width, 2).map(colours.red),
  );
  const told = [...story, ...(remedy === null ? [] : [remedy])].flatMap((text) => wrap(text, width, 2));
  const parts = [
    wrap(title, width, 2).map(colours.bold),
    columns(threads, events, width, detail),
    wrap(summary(replayed), width, 2),
    shown,
    told,
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function summary({ schedule, preemptions, divergedAt, ending, violations }: ReplayedToken): string {
  const size = `${counted(schedule.length, 'step')}, ${counted(preemptions, 'preemption')}`;
  const off = divergedAt === null ? '' : `; diverged at step ${divergedAt}: the token is of another program`;
  const found = violations.length === 0 ? 'no violation' : counted(violations.length, 'violation');
  return `${size}, ${ENDINGS[ending] ?? ending}, ${found}${off}`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  finished: 'all threads ended',
  deadlock: 'no thread can go on',
  waits: 'what is left waits for user space',
  cut: 'cut at the step bound',
};

/** What `replay --json` prints. */
export function replayJson(replayed: ReplayedToken): Readonly<Record<string, unknown>> {
  const { scenario, events, violations, ...rest } = replayed;
  return {
    ...rest,
    scenario: scenario.id,
    events: events.map(({ at, fiber, kind, name, within, target, detail, result, held }) => ({
      step: at,
      thread: fiber,
      kind,
      name,
      within,
      target,
      detail,
      result,
      held,
    })),
    violations: violations.map(({ kind, message, object, at, fiber }) => ({
      kind,
      message,
      object,
      at,
      thread: fiber,
    })),
  };
}
