/** Devices that do DMA by themselves: begun and ended between the calls of a case. */
import { hex, pageOf } from '@iommu-lab/core';
import { UsageError } from '@iommu-lab/explorer';
import type { CaseHandlers } from '../handlers';

export const trafficHandlers: CaseHandlers<'traffic.start' | 'traffic.stop'> = {
  'traffic.start': (context, { dev, iova, len, access }) => {
    const { kernel } = context.system;
    const address = context.addressOf(dev);
    const function_ = kernel.machine.pci.all.find((one) => one.address === address);
    if (function_ === undefined) throw new UsageError(`the machine has no device "${dev}"`);
    const [first, lengthBytes] = [BigInt(iova), BigInt(len)];
    if (lengthBytes === 0n) throw new UsageError(`no traffic over no bytes at ${hex(first)}`);
    const firstIovaPage = pageOf(first);
    const pages = pageOf(first + lengthBytes - 1n) - firstIovaPage + 1;
    kernel.traffic.start(function_, { firstIovaPage, pages, access });
    return { ret: 0, errno: null };
  },

  'traffic.stop': (context, { dev }) => {
    const report = context.system.kernel.traffic.stop(context.addressOf(dev));
    if (report === null) throw new UsageError(`device "${dev}" does no DMA by itself`);
    const moved = report.old + report.new + report.foreign;
    const faulted = report.blocked + report.dropped;
    return { ret: 0, errno: null, out: { moved, faulted, ...report } };
  },
};
