/** Which clauses of docs/semantics.md each recorded case tests: recordings have no field for it. */
import table from './recorded-clauses.json';

/** Clauses by the id of the recorded case, the same for every profile that it was recorded on. */
export const RECORDED_CLAUSES: Readonly<Record<string, readonly string[]>> = table;
