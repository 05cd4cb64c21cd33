/** Atomic steps on a function's configuration space. */
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import type { PciConfigSpace } from './config-space';

const READ: OperationKind = {
  name: 'hw.config_read',
  enabled: null,
  execute: (p) => (p.target as PciConfigSpace).read(p.number0, p.number1 as 1 | 2 | 4),
};
const WRITE: OperationKind = {
  name: 'hw.config_write',
  enabled: null,
  execute: (p) => (p.target as PciConfigSpace).write(p.number0, p.number1 as 1 | 2 | 4, p.number2),
};
const LOAD: OperationKind = {
  name: 'hw.config_restore',
  enabled: null,
  execute: (p) => (p.target as PciConfigSpace).load(p.argument as Uint8Array),
};
const RESET: OperationKind = {
  name: 'hw.bus_reset',
  enabled: null,
  execute: (p) => {
    for (const space of p.argument as readonly PciConfigSpace[]) {
      const saved = space.bytes;
      space.reset();
      space.load(saved);
    }
  },
};

function begin(kind: OperationKind, space: PciConfigSpace, access: AccessKind): PendingOperation {
  const pending = space.world.begin(kind, space);
  declare(pending, space, access);
  return pending;
}

function declare(pending: PendingOperation, space: PciConfigSpace, access: AccessKind): void {
  if (space.world.mode !== 'search') return;
  const { kernel, function_ } = space;
  pending.accesses.add(space.location, access);
  // A device model follows its command register.
  if (access === AccessKind.WRITE && kernel.machine.edu(function_.address) !== null) {
    pending.accesses.add(kernel.locations.device(function_.address), AccessKind.WRITE);
  }
}

/** A little-endian register. */
export function hwConfigRead(space: PciConfigSpace, offset: number, sizeBytes: 1 | 2 | 4): Step<number> {
  const pending = begin(READ, space, AccessKind.READ);
  pending.number0 = offset;
  pending.number1 = sizeBytes;
  return space.world.submit();
}

/** Writes a little-endian register. */
export function hwConfigWrite(
  space: PciConfigSpace,
  offset: number,
  sizeBytes: 1 | 2 | 4,
  value: number,
): Step<void> {
  const pending = begin(WRITE, space, AccessKind.WRITE);
  pending.number0 = offset;
  pending.number1 = sizeBytes;
  pending.number2 = value;
  return space.world.submit();
}

/** Puts back registers as they were saved. `@kernel pci_restore_state` */
export function hwConfigRestore(space: PciConfigSpace, saved: Uint8Array): Step<void> {
  begin(LOAD, space, AccessKind.WRITE).argument = saved;
  return space.world.submit();
}

/** Resets functions of one bus together and restores each. Precondition: at least one. `@kernel pci_reset_bus` */
export function hwResetTogether(spaces: readonly PciConfigSpace[]): Step<void> {
  const [first, ...others] = spaces as readonly [PciConfigSpace, ...PciConfigSpace[]];
  const pending = begin(RESET, first, AccessKind.WRITE);
  for (const space of others) declare(pending, space, AccessKind.WRITE);
  pending.argument = spaces;
  return first.world.submit();
}
