/** What happened, in sentences, and what would have prevented it: read off the events of one execution. */
import type { Violation, ViolationNote } from '../violation';
import { names, type RecordedEvent } from './recording';

export interface Story {
  readonly story: readonly string[];
  readonly remedy: string | null;
}

export function storyOf(violation: Violation, events: readonly RecordedEvent[]): Story {
  if (violation.kind === 'use-after-free' || violation.kind === 'double-free') {
    const story = freedWhileUsed(violation, events);
    if (story !== null) return story;
  }
  if (violation.kind === 'deadlock') return deadlock(violation, events);
  // Some findings are nobody's: those at the end, and those that name both sides.
  const { kind, fiber, message } = violation;
  const nobodys = fiber === 'boot' || kind === 'data-race';
  return { story: [nobodys ? message : `${fiber}: ${message}`], remedy: null };
}

/** One side freed what the other still had a pointer to. */
function freedWhileUsed(violation: Violation, events: readonly RecordedEvent[]): Story | null {
  const { object, fiber } = violation;
  if (object === null) return null;
  const free = events.find((event) => event.name === 'kfree' && event.target === object);
  if (free === undefined || free.fiber === fiber) return null;
  const use = events.at(-1);
  const read = events.findLast(
    (event) => event.fiber === fiber && event.at < free.at && isRead(event) && names(event.result, object),
  );
  if (read === undefined) {
    const story = `${free.fiber} freed ${object} at step ${free.at}; ${fiber} used it at step ${use?.at}`;
    return { story: [story], remedy: null };
  }
  const common = read.held.filter((lock) => free.held.includes(lock));
  const order =
    common.length === 0 ? 'no lock ordered the two' : `both held ${common.join(', ')}, at other times`;
  const story = [
    `${free.fiber} freed ${object} at step ${free.at} while ${fiber} still held the pointer that it read at step ` +
      `${read.at} (${read.target} in ${read.within}); ${order}`,
    `${fiber} used it at step ${use?.at}: ${violation.message}`,
  ];
  return { story, remedy: remedyOf(object, fiber, read, free, events) };
}

function isRead(event: RecordedEvent): boolean {
  return event.kind === 'access' || event.kind === 'operation' || event.kind === 'return';
}

/**
 * A lock that the reader held when it read the pointer and that the other side took on its way to the free: held on to
 * the use it orders the two. Or the reference whose drop led to the free.
 */
function remedyOf(
  object: string,
  reader: string,
  read: RecordedEvent,
  free: RecordedEvent,
  events: readonly RecordedEvent[],
): string | null {
  const remedies: string[] = [];
  for (const lock of new Set(read.held)) {
    const taken = events.find(
      (event) =>
        event.fiber === free.fiber &&
        event.at > read.at &&
        event.at < free.at &&
        event.targetClass === lock &&
        event.held.includes(lock),
    );
    if (taken !== undefined) {
      remedies.push(
        `${taken.target}, held by ${reader} at the read and taken by ${free.fiber} at step ${taken.at} on the way to ` +
          'the free, would have ordered them if held from the read to the use',
      );
    }
  }
  const drop = events.findLast(
    (event) =>
      event.fiber === free.fiber &&
      event.at < free.at &&
      event.name === 'put' &&
      event.target.startsWith(`${object}.`),
  );
  if (drop !== undefined) {
    remedies.push(
      `a reference on ${drop.target}, taken before step ${drop.at} and put after the use, would have kept it`,
    );
  }
  return remedies.length === 0 ? null : remedies.join('; or ');
}

/** Who holds what since when, and waits for what. */
function deadlock(violation: Violation, events: readonly RecordedEvent[]): Story {
  const story = violation.message.split('; ').map((wait) => {
    const fiber = wait.slice(0, wait.indexOf(' waits in '));
    const last = events.findLast((event) => event.fiber === fiber && event.kind === 'operation');
    const since = (last?.held ?? []).map((lock) => {
      const taken = events.findLast(
        (event) => event.fiber === fiber && event.kind === 'operation' && event.targetClass === lock,
      );
      return taken === undefined ? lock : `${taken.target} taken at step ${taken.at} in ${taken.within}`;
    });
    return since.length === 0 ? wait : `${wait} (${since.join('; ')})`;
  });
  return { story: [...story, ...silence(violation)], remedy: null };
}

/** What a user of the kernel's own lock validator has to know: that it will not tell. */
export function silence({ kernelSilent }: ViolationNote): string[] {
  if (kernelSilent !== true) return [];
  return ["the kernel's own lock validator is silent here: a lock of the cycle is excluded from validation"];
}
