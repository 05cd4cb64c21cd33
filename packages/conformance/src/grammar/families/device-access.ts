/** A device's regions through its descriptor: configuration space and BAR0, by pread, pwrite and mmap. */
import * as v from 'valibot';
import { operation } from '../operation';
import { count, descriptor, flag, hexNumber, uint32 } from '../values';

const read = v.strictObject({ fd: descriptor, off: hexNumber, len: count });
const value = v.exactOptional(hexNumber);

export const deviceAccessOperations = {
  /** `off` is within configuration space, `len` in bytes; `ret` is what the call moved. */
  'config.read': operation(read, { value }),
  'config.write': operation(v.strictObject({ fd: descriptor, off: hexNumber, len: count, value: hexNumber })),
  'bar.read': operation(read, { value }),
  /** A load from a mapping made for the step; `signal` is 0, or 7 where the load raised SIGBUS. */
  'bar.load': operation(v.strictObject({ fd: descriptor, off: hexNumber }), {
    signal: v.exactOptional(uint32),
    value,
  }),
  /**
   * By region at a fixed user address: kept, and holds the device file open until unmapped. By offset of the device
   * file: undone at once, only the answer counts.
   */
  'bar.mmap': operation(
    v.union([
      v.strictObject({ fd: descriptor, vaddr: hexNumber, region: uint32, len: hexNumber }),
      v.strictObject({ fd: descriptor, off: hexNumber, len: hexNumber, private: v.exactOptional(flag) }),
    ]),
  ),
  'bar.munmap': operation(v.strictObject({ vaddr: hexNumber, len: hexNumber })),
};
