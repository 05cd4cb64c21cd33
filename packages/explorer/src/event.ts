/**
 * What a listener of an execution sees: calls of modelled kernel functions and performed operations. `access`: one that
 * is no scheduling point because its lock is held; shown only to listeners that ask.
 */

export type EventKind = 'call' | 'return' | 'operation' | 'access';

export interface TraceEvent {
  readonly kind: EventKind;
  /** Number of the step (performed scheduling points so far). */
  readonly step: number;
  readonly fiber: string;
  /** How many modelled kernel functions surround the event. */
  readonly depth: number;
  /** The function that was called or returned, or the operation's kind (`mutex_lock`, `hw.map`). */
  readonly name: string;
  /** The function in which the event happened; for a call, the caller. */
  readonly within: string;
  /** Label of the object, or the labels of a call's arguments. */
  readonly target: string;
  /** What of the object an operation touches, where it says: an address, an id. */
  readonly detail: string;
  /** What all objects of its kind are called together; empty for calls. */
  readonly targetClass: string;
  /** A call's result or an operation's answer, where it says something. */
  readonly result: string;
  /** Classes of the locks that the fiber holds after the event, in the order taken. */
  readonly held: readonly string[];
}

export type EventListener = (event: TraceEvent) => void;

/** How a value is shown in an event: labelled objects by label, everything else by its plain form. */
export function labelOf(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'null';
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'function') return 'fn';
  if (typeof value !== 'object') return String(value);
  if ('label' in value && typeof value.label === 'string') return value.label;
  if (Array.isArray(value)) return `[${value.map(labelOf).join(', ')}]`;
  return '{...}';
}
