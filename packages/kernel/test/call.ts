/** Runs kernel code to its end and hands back what it returned. */
import type { Op } from '@iommu-lab/explorer';
import type { Device, IommuGroup, Kernel } from '../src/index';

export function run<T>(kernel: Kernel, body: () => Op<T>): T {
  const result = kernel.call('test', body);
  if (result.status !== 'returned') throw new Error(`the call is ${result.status}`);
  return result.value;
}

export function deviceOf(kernel: Kernel, label: string): Device {
  const device = kernel.findDevice(label);
  if (device === null) throw new Error(`no device ${label}`);
  return device;
}

export function groupOf(kernel: Kernel, label: string): IommuGroup {
  const group = deviceOf(kernel, label).group.value;
  if (group === null) throw new Error(`${label} has no group`);
  return group;
}
