/** Puts two lists side by side so that as much as possible of what is equal stands in one row. */

export interface AlignedRow<T> {
  readonly left: T | null;
  readonly right: T | null;
}

/** Beyond this many comparisons the middle of two lists is shown as all different. */
const MOST_COMPARISONS = 4_000_000;

/** A longest common subsequence; what is between two common elements stands row by row. */
export function align<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
): AlignedRow<T>[] {
  let start = 0;
  while (start < left.length && start < right.length && equal(left[start] as T, right[start] as T)) start++;
  let end = 0;
  const rest = Math.min(left.length, right.length) - start;
  while (end < rest && equal(left[left.length - 1 - end] as T, right[right.length - 1 - end] as T)) end++;
  const pair = (i: number, j: number): AlignedRow<T> => ({ left: left[i] as T, right: right[j] as T });
  const head = Array.from({ length: start }, (_, k) => pair(k, k));
  const tail = Array.from({ length: end }, (_, k) => pair(left.length - end + k, right.length - end + k));
  const middle = alignMiddle(
    left.slice(start, left.length - end),
    right.slice(start, right.length - end),
    equal,
  );
  return [...head, ...middle, ...tail];
}

function alignMiddle<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
): AlignedRow<T>[] {
  if (left.length * right.length > MOST_COMPARISONS) return apart(left, right);
  const length = commonLengths(left, right, equal);
  const rows: AlignedRow<T>[] = [];
  let [i, j, fromI, fromJ] = [0, 0, 0, 0];
  const flush = () => {
    rows.push(...apart(left.slice(fromI, i), right.slice(fromJ, j)));
  };
  while (i < left.length && j < right.length) {
    if (equal(left[i] as T, right[j] as T)) {
      flush();
      rows.push({ left: left[i] as T, right: right[j] as T });
      [i, j] = [i + 1, j + 1];
      [fromI, fromJ] = [i, j];
    } else if ((length[i + 1]?.[j] ?? 0) >= (length[i]?.[j + 1] ?? 0)) i++;
    else j++;
  }
  [i, j] = [left.length, right.length];
  flush();
  return rows;
}

/** `result[i][j]`: how much `left` from i and `right` from j have in common. */
function commonLengths<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
): Uint32Array[] {
  const length = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i--) {
    const [row, below] = [length[i] as Uint32Array, length[i + 1] as Uint32Array];
    for (let j = right.length - 1; j >= 0; j--) {
      row[j] = equal(left[i] as T, right[j] as T)
        ? (below[j + 1] as number) + 1
        : Math.max(below[j] as number, row[j + 1] as number);
    }
  }
  return length;
}

/** Nothing in common: first what is only on the left, then what is only on the right. */
function apart<T>(left: readonly T[], right: readonly T[]): AlignedRow<T>[] {
  return [
    ...left.map((one): AlignedRow<T> => ({ left: one, right: null })),
    ...right.map((one): AlignedRow<T> => ({ left: null, right: one })),
  ];
}
