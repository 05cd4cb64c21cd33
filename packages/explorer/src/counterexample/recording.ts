/** What a listener saw of one execution, by step. */
import type { EventListener, TraceEvent } from '../event';
import type { World } from '../world';

/** An event with the number of its step among those of the execution, from 0; -1: before the first. */
export interface RecordedEvent extends TraceEvent {
  readonly at: number;
}

export class Recording {
  readonly events: RecordedEvent[] = [];
  #base = 0;

  constructor(private readonly world: World) {}

  /** A new execution begins: the world is in its initial state. */
  begin(): void {
    this.events.length = 0;
    this.#base = this.world.steps;
  }

  readonly listener: EventListener = (event) => {
    this.events.push({ ...event, at: event.step - this.#base - 1 });
  };
}

/** Whether a result in words names the object: alone, or in a list. */
export function names(result: string, object: string): boolean {
  return result === object || result.split(/[[\], ]+/).includes(object);
}
