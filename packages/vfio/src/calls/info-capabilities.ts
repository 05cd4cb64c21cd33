/** The capability chain of VFIO_IOMMU_GET_INFO: `{ u16 id, version; u32 next; ... }`, offsets from the structure's start. */
import { hex } from '@iommu-lab/core';
import {
  INFO_CAPABILITY_DMA_AVAIL,
  INFO_CAPABILITY_IOVA_RANGE,
  INFO_CAPABILITY_MIGRATION,
  INFO_FLAG_CAPABILITIES,
} from '../type1/uapi';
import type { Out, Structure } from './user-call';

const CAP_OFFSET = 16;

/** The capabilities in chain order; none where the caller had no room for them. */
export function infoCapabilities(info: Structure, argsz: number): Out[] {
  if ((info.u32At(4) & INFO_FLAG_CAPABILITIES) === 0 || argsz < CAP_OFFSET + 4) return [];
  const found: Out[] = [];
  for (let at = info.u32At(CAP_OFFSET); at !== 0 && at + 8 <= argsz; at = info.u32At(at + 4)) {
    found.push({ id: info.u16At(at), version: info.u16At(at + 2), ...content(info, at) });
  }
  return found;
}

function content(info: Structure, at: number): Out {
  switch (info.u16At(at)) {
    case INFO_CAPABILITY_IOVA_RANGE: {
      const count = info.u32At(at + 8);
      const range = (n: number) => [hex(info.u64At(at + 16 + n * 16)), hex(info.u64At(at + 24 + n * 16))];
      return { ranges: Array.from({ length: count }, (_, n) => range(n)) };
    }
    case INFO_CAPABILITY_MIGRATION:
      return { pgsize_bitmap: hex(info.u64At(at + 16)), max_dirty_bitmap_size: hex(info.u64At(at + 24)) };
    case INFO_CAPABILITY_DMA_AVAIL:
      return { avail: info.u32At(at + 8) };
    default:
      return {};
  }
}
