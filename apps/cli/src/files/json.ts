/** JSON in a file. */
import { InputError } from '@iommu-lab/conformance';
import { textOf } from './text';

/** @throws InputError where the bytes are no text or no JSON. */
export function jsonOf(bytes: Uint8Array, source: string): unknown {
  const text = textOf(bytes, source);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`no JSON: ${error instanceof Error ? error.message : String(error)}`, { source });
  }
}
