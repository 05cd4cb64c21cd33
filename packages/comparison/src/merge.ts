/** Puts comparisons of different variants together, as if they had been one. */
import { type Comparison, judge, type Measured } from './compare';

/**
 * `parts` compare different variants over the same selection, in the order in which tables show them. The result is
 * the same as that of one comparison of all. Precondition: there is at least one part.
 */
export function mergeComparisons(parts: readonly Comparison[]): Comparison {
  const [first] = parts;
  if (first === undefined) throw new TypeError('there is nothing to merge');
  const { reasons: _, ...results } = first.results;
  const all = parts.map((part) => part.results);
  const measured: Measured = {
    ...results,
    rows: all.flatMap((one) => one.rows),
    byWorkload: results.byWorkload.map((workload, index) => ({
      ...workload,
      cells: all.flatMap((one) => one.byWorkload[index]?.cells ?? []),
    })),
    failures: all.flatMap((one) => one.failures),
    skips: all.flatMap((one) => one.skips),
  };
  return judge(measured, first.missing);
}
