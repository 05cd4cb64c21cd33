/** What type1 sees of a device that user space drives without an IOMMU: a mediated device. */
import type { Op } from '@iommu-lab/explorer';

export interface EmulatedDevice {
  /** Told that a range is about to go: it unpins what it has pinned there. Called without the container's lock. */
  dmaUnmap(iovaPage: number, pages: number): Op<void>;
}
