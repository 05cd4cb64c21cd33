/** Golden vectors: their grammar, their reader, and the check of the model against them. */
export { checkVector, type VectorResult } from './check';
export { readVectors } from './read';
export { isFaultVector, type Vector, vectorId } from './vector';
