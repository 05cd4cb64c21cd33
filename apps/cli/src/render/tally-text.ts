/** Counts of steps in a few characters. */
import type { Tally } from '@iommu-lab/conformance';

/** `2130/2130`: equal of all. A dash where there was nothing to compare. */
export function equalOfAll(tally: Tally): string {
  return tally.steps === 0 ? '-' : `${tally.equal}/${tally.steps}`;
}

/** One cell of the matrix: a case on a variant. */
export function cellText(tally: Tally): string {
  if (tally.differing > 0) return `${tally.differing} differ`;
  if (tally.declared > 0) return `${tally.declared} declared`;
  return wasSkipped(tally) ? 'skipped' : 'ok';
}

/** Whether nothing of the case ran. */
export function wasSkipped(tally: Tally): boolean {
  return tally.steps > 0 && tally.skipped === tally.steps;
}

/** `4-6, 9`: numbers that follow each other as a range. Precondition: ascending, each once. */
export function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}

/** How many steps differ as a design declares: `1 step differs as it declares`. */
export function declaredText(declared: number): string {
  return `${counted(declared, 'step')} ${differ(declared)} as it declares`;
}

/** The verb for so many. */
export function differ(count: number): string {
  return count === 1 ? 'differs' : 'differ';
}

/** `1 step`, `2 steps`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
