/**
 * The scalars of the trace grammar: how numbers, addresses, names and errnos are written in JSON.
 *
 * Numbers that may need 64 bits are hex strings; what a C program passes as an int is a JSON number. The messages are
 * sentences without an end: the reader adds what it got instead.
 */
import { ERRNO, type Errno } from '@iommu-lab/core';
import * as v from 'valibot';

const HEX = 'expected a hex string like "0x1000"';
const BYTE = 'expected a byte like "0x5a"';
const DMA = 'expected a hex string like "0x1000" or a physical address like "phys(0x100000000000)"';
const WHOLE = 'expected a whole number';
const NAME = 'expected a name';

/** A 64-bit number, compared by value. */
export const hexNumber = v.pipe(v.string(HEX), v.regex(/^0x[0-9a-fA-F]{1,16}$/, HEX));

/** One byte of memory. */
export const hexByte = v.pipe(v.string(BYTE), v.regex(/^0x[0-9a-fA-F]{1,2}$/, BYTE));

/** What a device puts on the bus: an iova, or the physical address of the page behind a user address. */
export const dmaAddress = v.pipe(
  v.string(DMA),
  v.regex(/^(?:0x[0-9a-fA-F]{1,16}|phys\(0x[0-9a-fA-F]{1,16}\))$/, DMA),
);

/** A number that the kernel takes as `__u32`. */
export const uint32 = v.pipe(
  v.number(WHOLE),
  v.integer(WHOLE),
  v.minValue(0, 'expected a number from 0'),
  v.maxValue(0xffffffff, 'expected a number that fits 32 bits'),
);

/** A number that may be negative: an ioctl's plain argument, a return value. */
export const integer = v.pipe(v.number(WHOLE), v.integer(WHOLE));

/** A count or length of which 0 is a legal value. */
export const count = v.pipe(v.number(WHOLE), v.integer(WHOLE), v.minValue(0, 'expected a number from 0'));

/** A name that is not empty. */
export const name = v.pipe(v.string(NAME), v.nonEmpty(NAME));

/** Any text, the empty one included. */
export const text = v.string('expected a text');

export const flag = v.boolean('expected true or false');

/** A descriptor: the name that a step gave it, `bad(N)` for a number that is not open, or a path to open for it. */
export const descriptor = v.pipe(
  v.string('expected the name of a descriptor'),
  v.nonEmpty('expected the name of a descriptor'),
);

/** A device by its label in the profile, such as `mf0`, or by its PCI address. */
export const deviceLabel = v.pipe(
  v.string('expected the label or address of a device'),
  v.nonEmpty('expected the label or address of a device'),
);

/** A group by its label in the profile, such as `pair`. */
export const groupLabel = v.pipe(
  v.string('expected the label of a group'),
  v.nonEmpty('expected the label of a group'),
);

/** A PCI address as sysfs writes it: segment, bus, slot, function. */
export const pciAddress = v.pipe(
  v.string('expected a PCI address like "0000:04:01.0"'),
  v.regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/, 'expected a PCI address like "0000:04:01.0"'),
);

const ERRNO_NAMES = Object.keys(ERRNO) as [Errno, ...Errno[]];

export const errno = v.picklist(ERRNO_NAMES, 'expected an errno name like "EINVAL"');

/** `arg: "NULL"`: the call gets a null pointer in place of its structure. */
export const nullPointer = v.literal('NULL', 'expected "NULL"');
