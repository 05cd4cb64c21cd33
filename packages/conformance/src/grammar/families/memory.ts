/** The user's own memory. Addresses are fixed, lengths in bytes. */
import * as v from 'valibot';
import { operation } from '../operation';
import { count, hexByte, hexNumber } from '../values';

const range = { vaddr: hexNumber, len: hexNumber };

export const memoryOperations = {
  'mem.map': operation(
    v.strictObject({
      ...range,
      prot: v.picklist(['rw', 'r-', '--']),
      /** Where it may lie in pages of 2 MiB. */
      hint: v.exactOptional(v.literal('hugepage')),
    }),
  ),
  'mem.unmap': operation(v.strictObject(range)),
  'mem.fill': operation(v.strictObject({ ...range, byte: hexByte })),
  /** What lies there, as runs of equal bytes: the byte and how often. */
  'mem.peek': operation(v.strictObject(range), {
    runs: v.exactOptional(v.array(v.strictTuple([hexByte, count]))),
  }),
};
