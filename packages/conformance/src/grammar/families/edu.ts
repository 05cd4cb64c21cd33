/**
 * DMA of the edu device: it reads memory into its buffer or writes its buffer to memory. The device is named by an
 * open descriptor, or by its label where it is driven through sysfs.
 */
import * as v from 'valibot';
import { operation } from '../operation';
import { count, descriptor, deviceLabel, dmaAddress, flag, name } from '../values';

const transfer = v.union([
  v.strictObject({ fd: descriptor, iova: dmaAddress, len: count }),
  v.strictObject({ dev: deviceLabel, iova: dmaAddress, len: count }),
]);

/** An IOMMU fault as the kernel logs it; `dev` is the requester without its segment. */
const fault = v.strictObject({
  access: v.picklist(['read', 'write']),
  dev: name,
  addr: dmaAddress,
  reason: name,
});

const outcome = {
  done: v.exactOptional(flag),
  faults: v.exactOptional(v.array(fault)),
};

export const eduOperations = {
  'edu.dma_read': operation(transfer, outcome),
  'edu.dma_write': operation(transfer, outcome),
};
