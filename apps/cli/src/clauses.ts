/** The clauses of docs/semantics.md that a case tests. */
import { type Case, RECORDED_CLAUSES } from '@iommu-lab/conformance';

/** Its own clause, or those that a table gives for a recorded case; empty where there are none. */
export function clausesOf(one: Case): readonly string[] {
  return one.clause === undefined ? (RECORDED_CLAUSES[one.id] ?? []) : [one.clause];
}

/** `clause S-4.2`, `clauses S-4.2, S-4.3`; empty where there are none. */
export function clauseText(one: Case): string {
  const clauses = clausesOf(one);
  if (clauses.length === 0) return '';
  return `${clauses.length === 1 ? 'clause' : 'clauses'} ${clauses.join(', ')}`;
}
