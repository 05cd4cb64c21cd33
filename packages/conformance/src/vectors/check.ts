/**
 * Holds the page tables and IOMMUs of the model against golden vectors.
 */
import type { Failure } from './failure';
import { isFaultVector, type Vector, type VectorFormat, vectorId } from './vector';
import { checkVtdFault, checkVtdTable } from './vtd-second-stage';

/** Whether a vector came out as it must, and every difference if not; or why it could not be tried. */
export type VectorResult =
  | { readonly id: string; readonly passed: boolean; readonly failures: readonly Failure[] }
  | { readonly id: string; readonly skipped: string };

/** Tries one vector. Formats that the model does not have are skipped, and the reason names them. */
export function checkVector(vector: Vector): VectorResult {
  const id = vectorId(vector);
  if (vector.format !== 'vtdss') return { id, skipped: missing(vector.format) };
  const failures = isFaultVector(vector) ? checkVtdFault(vector) : checkVtdTable(vector);
  return { id, passed: failures.length === 0, failures };
}

function missing(format: VectorFormat): string {
  return `the page-table format ${format} is not implemented`;
}
