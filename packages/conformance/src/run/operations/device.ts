/** Ioctls of the device. */
import { calls } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';
import { eventDescriptors } from './process';

export const deviceHandlers: Handlers<
  | 'VFIO_DEVICE_GET_INFO'
  | 'VFIO_DEVICE_GET_REGION_INFO'
  | 'VFIO_DEVICE_GET_IRQ_INFO'
  | 'VFIO_DEVICE_SET_IRQS'
  | 'VFIO_DEVICE_RESET'
  | 'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO'
  | 'VFIO_DEVICE_PCI_HOT_RESET'
  | 'VFIO_DEVICE_FEATURE'
> = {
  VFIO_DEVICE_GET_INFO: (context, { fd }) => context.perform(calls.getDeviceInfo(context.descriptor(fd))),

  VFIO_DEVICE_GET_REGION_INFO: (context, { fd, index }) =>
    context.perform(calls.getRegionInfo(context.descriptor(fd), index)),

  VFIO_DEVICE_GET_IRQ_INFO: (context, { fd, index }) =>
    context.perform(calls.getIrqInfo(context.descriptor(fd), index)),

  VFIO_DEVICE_SET_IRQS: (context, { fd, flags, index, start, count, data }) => {
    const eventfds = eventDescriptors(context, data);
    return context.perform(
      calls.setIrqs(context.descriptor(fd), { flags, index, start, count, data: eventfds }),
    );
  },

  VFIO_DEVICE_RESET: (context, { fd }) => context.perform(calls.resetDevice(context.descriptor(fd))),

  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: (context, { fd }) => {
    const answer = context.perform(calls.getHotResetInfo(context.descriptor(fd)));
    const devices = answer.out?.devices as readonly { group: number; bdf: string }[] | undefined;
    if (devices === undefined) return answer;
    const labelled = devices.map(({ group, bdf }) => ({ group: context.groupLabel(group), bdf }));
    return { ...answer, out: { ...answer.out, devices: labelled } };
  },

  VFIO_DEVICE_PCI_HOT_RESET: (context, { fd, groups }) =>
    context.perform(
      calls.hotResetDevice(
        context.descriptor(fd),
        groups.map((group) => context.descriptor(group)),
      ),
    ),

  VFIO_DEVICE_FEATURE: (context, { fd, feature }) =>
    context.perform(calls.probeFeature(context.descriptor(fd), feature)),
};
