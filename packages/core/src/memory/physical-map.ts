/**
 * Which physical pages are RAM, and which of them are set aside for page tables.
 *
 * Tables come from the top of the last RAM range below 512 GiB, so that every IOMMU can address them, the 39-bit
 * ones included, and so that data frames start at the bottom.
 */
import { addressOf, hex, PAGE_SIZE_BYTES } from '../address';

/** A range of physical addresses; strings may be decimal or 0x-hexadecimal. */
export interface PhysicalRange {
  start: string | bigint;
  lengthBytes: string | bigint;
}

/** A run of pages. */
export interface PageRun {
  readonly first: number;
  readonly count: number;
}

/** First page that a 39-bit address width no longer reaches. */
const TABLE_LIMIT_PAGE = 0x8000000;
const DEFAULT_ARENA_PAGES = 0x4000000 / PAGE_SIZE_BYTES;
/** 1 GiB, enough to map 512 GiB in 4 KiB pages: word indexes stay below 2^28. */
const MAXIMUM_ARENA_PAGES = 0x40000000 / PAGE_SIZE_BYTES;

function toRun(range: PhysicalRange): PageRun {
  const start = BigInt(range.start);
  const length = BigInt(range.lengthBytes);
  if (
    start < 0n ||
    length <= 0n ||
    start % 4096n !== 0n ||
    length % 4096n !== 0n ||
    start + length > 1n << 52n
  ) {
    throw new TypeError(
      `RAM range ${hex(start)}+${hex(length)} must consist of whole 4096-byte pages below ${hex(1n << 52n)}`,
    );
  }
  return { first: Number(start >> 12n), count: Number(length >> 12n) };
}

/** RAM as sorted runs of pages. TypeError when ranges overlap, or there are none. */
export function ramRuns(ranges: readonly PhysicalRange[]): PageRun[] {
  const runs = ranges.map(toRun).sort((a, b) => a.first - b.first);
  if (runs.length === 0) throw new TypeError('a machine needs at least one RAM range');
  runs.forEach((run, i) => {
    const next = runs[i + 1];
    if (next !== undefined && run.first + run.count > next.first) {
      throw new TypeError(`RAM ranges overlap at ${hex(addressOf(next.first))}`);
    }
  });
  return runs;
}

/**
 * The run that table pages are taken from. `bytes` is the size asked for; left out, it is 64 MiB or a quarter of the
 * range, whichever is less. TypeError when the range is too small or lies too high.
 */
export function tableArenaRun(runs: readonly PageRun[], bytes: number | undefined): PageRun {
  const range = runs.findLast((run) => run.first < TABLE_LIMIT_PAGE);
  if (range === undefined) throw new TypeError('page tables need RAM below 512 GiB');
  const end = Math.min(range.first + range.count, TABLE_LIMIT_PAGE);
  const available = end - range.first;
  const count =
    bytes === undefined
      ? Math.min(DEFAULT_ARENA_PAGES, Math.max(1, available >> 2))
      : Math.ceil(bytes / PAGE_SIZE_BYTES);
  if (!(count >= 1 && count <= Math.min(available, MAXIMUM_ARENA_PAGES))) {
    throw new TypeError(
      `tableArenaBytes ${bytes} must be positive, at most 1 GiB, and fit the last RAM range below 512 GiB`,
    );
  }
  return { first: end - count, count };
}

/** `runs` without the pages of `hole`. */
export function withoutRun(runs: readonly PageRun[], hole: PageRun): PageRun[] {
  const holeEnd = hole.first + hole.count;
  return runs.flatMap((run) => {
    const end = run.first + run.count;
    if (holeEnd <= run.first || hole.first >= end) return [run];
    return [
      { first: run.first, count: hole.first - run.first },
      { first: holeEnd, count: end - holeEnd },
    ].filter((part) => part.count > 0);
  });
}
