/** Files and descriptors: opening, closing, reading and writing what VFIO hands out. */
import * as v from 'valibot';
import { noArgs, operation } from '../operation';
import { count, descriptor, groupLabel, name, text, uint32 } from '../values';

/** Calls that return a descriptor show 0 and name it here; later steps use the name. */
const gives = { handle: v.exactOptional(name) };

const transfer = v.strictObject({ fd: descriptor, len: count });

export const fileOperations = {
  open_container: operation(noArgs, gives),
  open_group: operation(v.strictObject({ group: groupLabel }), gives),
  /** A group's file by path, for paths that no label names. */
  open_group_path: operation(v.strictObject({ path: name }), gives),
  open_iommufd: operation(noArgs, gives),
  close: operation(v.strictObject({ handle: descriptor })),
  dup: operation(v.strictObject({ fd: descriptor }), gives),
  /** `read` and `write` on the descriptor itself, at its position. */
  read: operation(transfer),
  write: operation(transfer),
  /** An ioctl of VFIO's type letter whose number no call has. */
  unknown_ioctl: operation(v.strictObject({ fd: descriptor, nr: uint32 })),
  chmod: operation(v.strictObject({ path: name, mode: text })),
};
