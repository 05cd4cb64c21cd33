/**
 * A digest of a world's state: equal states have equal digests, in whatever order they were reached.
 *
 * It is the exclusive or, over everything that has changed since the digest was started, of a hash of what it is now
 * and of what it was then; so a change that was taken back leaves no trace, and only what changed since the last
 * question is hashed again. Objects count by their identity, which equivalent interleavings share: the number of their
 * life's or their own location, or their label. Thread-local state (where a fiber stands) is no part of it, nor are
 * violations and counts of living objects.
 */
import type { Undoable } from './undo-log';
import { UsageError } from './usage-error';

/** Two independent 32-bit hashes, mixed in step. */
class Hash {
  low = 0x2545f491;
  high = 0x6a09e667;

  word(value: number): void {
    this.low = scramble(this.low ^ value, 0x9e3779b1);
    this.high = scramble(this.high ^ value, 0xc2b2ae35);
  }

  number(value: number): void {
    if (Number.isSafeInteger(value)) {
      this.word(value | 0);
      this.word(Math.floor(value / 2 ** 32) | 0);
    } else this.text(String(value));
  }

  text(value: string): void {
    this.word(value.length);
    for (let at = 0; at < value.length; at++) this.word(value.charCodeAt(at));
  }
}

function scramble(value: number, factor: number): number {
  let next = Math.imul(value, factor);
  next ^= next >>> 15;
  next = Math.imul(next, 0x85ebca6b);
  return next ^ (next >>> 13);
}

/** Values nested deeper than this are a mistake: an object without an identity leads in a circle. */
const DEEPEST = 8;

/** Hashes that stand for kinds of values, so that no two kinds are taken for each other. */
const KIND = {
  NOTHING: 1,
  FLAG: 2,
  NUMBER: 3,
  TEXT: 4,
  BIG: 5,
  CODE: 6,
  NAMED: 7,
  LIST: 8,
  SET: 9,
  FIELDS: 10,
};

function hashValue(hash: Hash, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'undefined':
      hash.word(KIND.NOTHING);
      return;
    case 'boolean':
      hash.word(KIND.FLAG);
      hash.word(value ? 1 : 0);
      return;
    case 'number':
      hash.word(KIND.NUMBER);
      hash.number(value);
      return;
    case 'string':
      hash.word(KIND.TEXT);
      hash.text(value);
      return;
    case 'bigint':
      hash.word(KIND.BIG);
      hash.text(value.toString(16));
      return;
    case 'object':
      hashObject(hash, value, depth);
      return;
    default:
      hash.word(KIND.CODE);
  }
}

function hashObject(hash: Hash, value: object | null, depth: number): void {
  if (value === null) {
    hash.word(0);
    return;
  }
  const identity = identityOf(value);
  if (identity !== null) {
    hash.word(KIND.NAMED);
    hashValue(hash, identity, depth + 1);
    return;
  }
  if (depth > DEEPEST) throw new UsageError('a value in the state is nested too deep to be compared');
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = value as unknown as ArrayLike<unknown>;
    hash.word(KIND.LIST);
    hash.word(items.length);
    for (let at = 0; at < items.length; at++) hashValue(hash, items[at], depth + 1);
  } else if (value instanceof Map || value instanceof Set) hashMembers(hash, value, depth);
  else if ('canonical' in value && typeof value.canonical === 'function') {
    hashValue(hash, value.canonical(), depth + 1);
  } else {
    hash.word(KIND.FIELDS);
    for (const key of Object.keys(value).sort()) {
      hash.text(key);
      hashValue(hash, (value as Record<string, unknown>)[key], depth + 1);
    }
  }
}

/** The order of entries does not count. */
function hashMembers(
  hash: Hash,
  members: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>,
  depth: number,
): void {
  let low = 0;
  let high = 0;
  for (const [key, value] of members.entries()) {
    const entry = new Hash();
    hashValue(entry, key, depth + 1);
    hashValue(entry, value, depth + 1);
    low ^= entry.low;
    high ^= entry.high;
  }
  hash.word(KIND.SET);
  hash.word(members.size);
  hash.word(low);
  hash.word(high);
}

/** What tells an object of the model from others, the same in equivalent interleavings; null for a plain value. */
function identityOf(value: object): number | string | null {
  if ('lifeLocation' in value && typeof value.lifeLocation === 'number') return value.lifeLocation;
  if ('location' in value && typeof value.location === 'number') return value.location;
  if ('label' in value && typeof value.label === 'string') return value.label;
  // A fiber.
  if ('held' in value && 'name' in value && typeof value.name === 'string') return value.name;
  return null;
}

/** A number that is equal for equal values of the model. Objects of the model count by identity. */
export function canonicalHash(value: unknown): number {
  const hash = new Hash();
  hashValue(hash, value, 0);
  return toNumber(hash.low, hash.high);
}

/** 53 bits of the two hashes. */
function toNumber(low: number, high: number): number {
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

function hashTarget(target: Undoable): Hash {
  if (target.canonical === undefined) {
    throw new UsageError(`${target.constructor.name} does not say its canonical value`);
  }
  const hash = new Hash();
  hashValue(hash, identityOf(target), 0);
  hashValue(hash, target.canonical(), 0);
  return hash;
}

/** What of the state has changed since `start`, and its digest. */
export class StateDigest {
  /** By target, the hash that is part of the sum, and the one that it started from. */
  readonly #counted = new Map<Undoable, { now: Hash; readonly initial: Hash }>();
  readonly #stale = new Set<Undoable>();
  #low = 0;
  #high = 0;

  /** To be called before `target` changes. */
  changing(target: Undoable): void {
    if (!this.#counted.has(target)) {
      const initial = hashTarget(target);
      this.#counted.set(target, { now: initial, initial });
    }
    this.#stale.add(target);
  }

  /** The state is what it was at the start again. */
  reset(): void {
    this.#counted.clear();
    this.#stale.clear();
    this.#low = 0;
    this.#high = 0;
  }

  /** 53 bits. `others`: digests of state that is kept elsewhere. */
  value(others: readonly number[]): number {
    this.#count();
    const hash = new Hash();
    hash.word(this.#low);
    hash.word(this.#high);
    for (const other of others) hash.number(other);
    return toNumber(hash.low, hash.high);
  }

  /** What differs from the start, with a hash of its value; for a reader who compares two states. */
  changed(): Map<Undoable, number> {
    this.#count();
    const changed = new Map<Undoable, number>();
    for (const [target, { now, initial }] of this.#counted) {
      if (now.low !== initial.low || now.high !== initial.high)
        changed.set(target, toNumber(now.low, now.high));
    }
    return changed;
  }

  #count(): void {
    for (const target of this.#stale) {
      const entry = this.#counted.get(target);
      if (entry === undefined) continue;
      const now = hashTarget(target);
      this.#low ^= entry.now.low ^ now.low;
      this.#high ^= entry.now.high ^ now.high;
      entry.now = now;
    }
    this.#stale.clear();
  }
}
