/** Ioctls of the device: what it has, its interrupts, its resets. */
import * as v from 'valibot';
import { operation } from '../operation';
import { descriptor, groupLabel, hexNumber, name, pciAddress, uint32 } from '../values';

const indexed = v.strictObject({ fd: descriptor, index: uint32 });

export const deviceOperations = {
  VFIO_DEVICE_GET_INFO: operation(v.strictObject({ fd: descriptor }), {
    flags: v.exactOptional(uint32),
    num_regions: v.exactOptional(uint32),
    num_irqs: v.exactOptional(uint32),
  }),
  VFIO_DEVICE_GET_REGION_INFO: operation(indexed, {
    flags: v.exactOptional(uint32),
    size: v.exactOptional(hexNumber),
    offset: v.exactOptional(hexNumber),
  }),
  VFIO_DEVICE_GET_IRQ_INFO: operation(indexed, {
    flags: v.exactOptional(uint32),
    count: v.exactOptional(uint32),
  }),
  VFIO_DEVICE_SET_IRQS: operation(
    v.strictObject({
      fd: descriptor,
      flags: uint32,
      index: uint32,
      start: uint32,
      count: uint32,
      /** One eventfd for each interrupt; null is -1, which takes one away. */
      data: v.array(v.nullable(name)),
    }),
  ),
  VFIO_DEVICE_RESET: operation(v.strictObject({ fd: descriptor })),
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: operation(v.strictObject({ fd: descriptor }), {
    flags: v.exactOptional(uint32),
    devices: v.exactOptional(v.array(v.strictObject({ group: groupLabel, bdf: pciAddress }))),
  }),
  /** `groups`: the group descriptors that prove ownership of everything that is reset. */
  VFIO_DEVICE_PCI_HOT_RESET: operation(v.strictObject({ fd: descriptor, groups: v.array(descriptor) })),
  /** Only the question whether the kernel knows the feature. */
  VFIO_DEVICE_FEATURE: operation(
    v.strictObject({ fd: descriptor, flags: v.literal('probe'), feature: uint32 }),
  ),
};
