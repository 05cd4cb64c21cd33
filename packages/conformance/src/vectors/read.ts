/**
 * Reads golden vectors: JSON Lines, one vector a line.
 */
import { parseAs } from '../grammar/parse-as';
import { InputError, type InputPlace } from '../input-error';
import { faultVector, isFaultVector, tableVector, type Vector, vtdssConfig } from './vector';

/**
 * The vectors of a text, in order. `source` names it in errors. Throws `InputError` with the line where it is no JSON,
 * or not of the grammar, and for a text without vectors.
 */
export function readVectors(textLines: string, source: string): Vector[] {
  const vectors: Vector[] = [];
  for (const [index, line] of textLines.split('\n').entries()) {
    if (line.trim() !== '') vectors.push(readVector(line, { source, line: index + 1 }));
  }
  if (vectors.length === 0) throw new InputError('no vectors: the file is empty', { source });
  return vectors;
}

function readVector(line: string, place: InputPlace): Vector {
  const json = jsonOf(line, place);
  const isAccess = typeof json === 'object' && json !== null && 'image' in json;
  const vector = isAccess ? parseAs(faultVector, json, place) : parseAs(tableVector, json, place);
  if (vector.format !== 'vtdss') return vector;
  parseAs(vtdssConfig, vector.config, place, 'config');
  if (isFaultVector(vector)) checkImage(vector.image, place);
  return vector;
}

function jsonOf(line: string, place: InputPlace): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new InputError('no JSON: each line must be one vector', place);
  }
}

/** In formats with one root, every entry must lie in the root or in a table that an entry before it points to. */
function checkImage(image: readonly (readonly [number[], number, string])[], place: InputPlace): void {
  const tables = new Set(['']);
  for (const [i, [path, index, value]] of image.entries()) {
    if (!tables.has(path.join())) {
      throw new InputError(`no entry before it points to the table at [${path.join(', ')}]`, {
        ...place,
        field: `image[${i}]`,
      });
    }
    if (value.startsWith('T:')) tables.add([...path, index].join());
  }
}
