/**
 * The third argument of an ioctl, as the kernel gets it: an integer, or a pointer to user memory.
 *
 * User memory at a pointer is a byte array that belongs to the caller; the kernel reads and writes it in place.
 * Leaves out: structures that straddle the end of a mapping in the middle of a field.
 */

/** A pointer that cannot be read or written: NULL, or anything outside of the address space. */
export interface BadPointer {
  readonly badPointer: string;
}

export const NULL_POINTER: BadPointer = { badPointer: 'NULL' };

/** A number is an integer argument; where a pointer is wanted it points nowhere. */
export type IoctlArgument = number | Uint8Array | BadPointer;

/**
 * The first `lengthBytes` of user memory at a pointer, all fields little-endian. EFAULT: nothing readable there, or
 * less than that. What is written to the view is written to the user's memory: use `copyToUser` to say so.
 * `@kernel copy_from_user`
 */
export function copyFromUser(argument: IoctlArgument, lengthBytes: number): DataView | 'EFAULT' {
  if (!(argument instanceof Uint8Array) || argument.length < lengthBytes) return 'EFAULT';
  return new DataView(argument.buffer, argument.byteOffset, lengthBytes);
}

/** Writes bytes to user memory at `offset` from a pointer. EFAULT: it cannot be written there. `@kernel copy_to_user` */
export function copyToUser(argument: IoctlArgument, offset: number, source: Uint8Array): 0 | 'EFAULT' {
  if (!(argument instanceof Uint8Array) || argument.length < offset + source.length) return 'EFAULT';
  argument.set(source, offset);
  return 0;
}

/** The integer argument of an ioctl; a pointer given in its place is some large number that no call knows. */
export function integerArgument(argument: IoctlArgument): number {
  return typeof argument === 'number' ? argument : Number.MAX_SAFE_INTEGER;
}

/** An unsigned 32-bit field. */
export function readU32(view: DataView, offset: number): number {
  return view.getUint32(offset, true);
}

/** Sets an unsigned 32-bit field. */
export function writeU32(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value, true);
}

/** Sets an unsigned 64-bit field. */
export function writeU64(view: DataView, offset: number, value: bigint): void {
  view.setBigUint64(offset, value, true);
}
