/** Looking a device up and taking a reference is one step: nobody frees it in between. `@kernel bus_find_device` */
import { AccessKind, type OperationKind, type Step, type Target } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { Kernel } from '../kernel';

class Name implements Target {
  /** What the step takes. */
  readonly targetClass = 'device.kref';

  constructor(
    readonly kernel: Kernel,
    readonly label: string,
  ) {}
}

const FIND: OperationKind = {
  name: 'bus_find_device',
  enabled: null,
  execute: (p) => {
    const { kernel, label } = p.target as Name;
    const device = kernel.findDevice(label);
    device?.refs.increment();
    return device;
  },
  declare: (p) => {
    const { kernel, label } = p.target as Name;
    const slot = kernel.deviceSlot(label);
    if (slot === null) return;
    p.accesses.add(slot.location, AccessKind.READ);
    if (slot.value === null) return;
    p.accesses.add(slot.value.refs.location, AccessKind.INCREMENT);
    p.accesses.add(slot.value.lifeLocation, AccessKind.READ);
  },
};

/** The device at an address, or with a label of the profile, with a reference on it; null where there is none. */
export function busFindDevice(kernel: Kernel, name: string): Step<Device | null> {
  kernel.world.begin(FIND, new Name(kernel, name));
  return kernel.world.submit();
}
