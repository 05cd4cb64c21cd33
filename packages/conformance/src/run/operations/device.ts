/** Ioctls of the device. */
import type { Op } from '@iommu-lab/explorer';
import { calls, syscalls } from '@iommu-lab/vfio';
import type { StepAnswer } from '../../trace/compare';
import { type Context, LATEST_EVENTFD } from '../context';
import type { Handlers } from '../handlers';

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
  VFIO_DEVICE_GET_INFO: (context, { fd }) => context.on(fd, calls.getDeviceInfo),

  VFIO_DEVICE_GET_REGION_INFO: (context, { fd, index }) =>
    context.on(fd, (n) => calls.getRegionInfo(n, index)),

  VFIO_DEVICE_GET_IRQ_INFO: (context, { fd, index }) => context.on(fd, (n) => calls.getIrqInfo(n, index)),

  *VFIO_DEVICE_SET_IRQS(context, { fd, data, ...irqs }) {
    const eventfds = yield* eventDescriptors(context, data);
    return yield* context.on(fd, (n) => calls.setIrqs(n, { ...irqs, data: eventfds }));
  },

  VFIO_DEVICE_RESET: (context, { fd }) => context.on(fd, calls.resetDevice),

  *VFIO_DEVICE_GET_PCI_HOT_RESET_INFO(context, { fd }) {
    return withLabels(context, yield* context.on(fd, calls.getHotResetInfo));
  },

  *VFIO_DEVICE_PCI_HOT_RESET(context, { fd, groups }) {
    const descriptors: number[] = [];
    for (const group of groups) descriptors.push(yield* context.descriptor(group));
    return yield* context.on(fd, (n) => calls.hotResetDevice(n, descriptors));
  },

  VFIO_DEVICE_FEATURE: (context, { fd, feature }) => context.on(fd, (n) => calls.probeFeature(n, feature)),
};

/** Group numbers as the labels that steps know. */
function withLabels(context: Context, answer: StepAnswer): StepAnswer {
  const devices = answer.out?.devices as readonly { group: number; bdf: string }[] | undefined;
  if (devices === undefined) return answer;
  const labelled = devices.map(({ group, bdf }) => ({ group: context.groupLabel(group), bdf }));
  return { ...answer, out: { ...answer.out, devices: labelled } };
}

/** Descriptors for the data of SET_IRQS: a new eventfd for each name, -1 for none. */
function* eventDescriptors(context: Context, data: readonly (string | null)[]): Op<number[]> {
  const descriptors: number[] = [];
  for (const name of data) {
    const made = name === null ? null : yield* syscalls.sysEventfd(context.task);
    if (typeof made === 'number') context.descriptors.set(LATEST_EVENTFD, made);
    descriptors.push(typeof made === 'number' ? made : -1);
  }
  return descriptors;
}
