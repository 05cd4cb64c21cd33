/**
 * Arithmetic of levels of 512 entries, on page numbers. Level 0 is the leaf; pages below 2^31 stay small integers.
 */

/** Pages that one entry of a level covers. */
export function pagesAt(level: number): number {
  return level < 4 ? 1 << (9 * level) : 0x1000000000;
}

/** Which of the ranges that entries of a level cover a page lies in. */
export function unitAt(page: number, level: number): number {
  const low = page | 0;
  return low === page && level < 4 ? low >>> (9 * level) : Math.floor(page / pagesAt(level));
}

/** A page number that was stored in two words, the low one signed. */
export function numberOfWords(low: number, high: number): number {
  return (low >>> 0) + high * 0x100000000;
}

/** The high one of the two words that a page number is stored in. */
export function highPart(page: number): number {
  return page / 0x100000000;
}

/** Key word of the caches: the upper bits of a unit, with its level. */
export function levelKey(unit: number, level: number): number {
  return (unit / 0x100000000) | (level << 26);
}

function keyLevel(key: number): number {
  return key >>> 26;
}

/** The first page of a unit whose key words are `low` and `key`. */
export function keyFirstPage(low: number, key: number): number {
  return numberOfWords(low, key & 0x3ffffff) * pagesAt(keyLevel(key));
}

/** Whether the unit whose key words are `low` and `key` has a page from `start` to before `end`. */
export function keyTouches(low: number, key: number, start: number, end: number): boolean {
  const first = keyFirstPage(low, key);
  return first < end && first + pagesAt(keyLevel(key)) > start;
}
