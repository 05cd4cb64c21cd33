/**
 * A 32-bit hash of words, for comparing states. Parts are combined with exclusive or, so that a set has one hash in
 * whatever order it is gone through, and equal parts of two states cancel out.
 */

/** Scrambles one word into a running hash. */
export function mix(hash: number, word: number): number {
  let next = Math.imul(hash ^ word, 0x9e3779b1);
  next ^= next >>> 15;
  next = Math.imul(next, 0x85ebca6b);
  return next ^ (next >>> 13);
}

/** Mixes in an integer of up to 53 bits. */
export function mixNumber(hash: number, value: number): number {
  return mix(mix(hash, value | 0), Math.floor(value / 2 ** 32) | 0);
}

/** Mixes in a non-negative integer of any size. */
export function mixBigint(hash: number, value: bigint): number {
  let next = hash;
  for (let rest = value; rest !== 0n; rest >>= 32n) next = mix(next, Number(BigInt.asIntN(32, rest)));
  return mix(next, 1);
}

/** The words of an array from `start` to `end`, each with its place; words that are 0 count as absent. */
export function hashWords(seed: number, words: Int32Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) {
    const word = words[at] as number;
    if (word !== 0) hash ^= mix(mix(seed, at - start + 1), word);
  }
  return hash;
}
