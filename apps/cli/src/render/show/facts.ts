/** A thing in words: facts with a name each. */
import { wrap } from '../../terminal/width';

export interface Fact {
  readonly name: string;
  /** One line each; a fact without any is left out. */
  readonly values: readonly string[];
}

/** The lines: names in a column of their own, values beside them. */
export function factLines(facts: readonly Fact[], width: number): string[] {
  const shown = facts.filter(({ values }) => values.length > 0);
  const column = Math.max(...shown.map(({ name }) => name.length)) + 2;
  return shown.flatMap(({ name, values }) =>
    values.flatMap((value, k) =>
      wrap((k === 0 ? name : '').padEnd(column) + value, width, column + 2).map((line) => line.trimEnd()),
    ),
  );
}
