/** Golden vectors: their grammar, their reader, and the check of the model against them. */
export { checkVector, type VectorResult } from './check';
export type { Failure as VectorFailure } from './failure';
export { readVectors } from './read';
export { type FaultVector, isFaultVector, type TableVector, type Vector, vectorId } from './vector';
