/** Ioctls of the container. Dispatched by number: the descriptor may be one of another kind. */
import { calls, type1 } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';

export const containerHandlers: Handlers<
  | 'VFIO_GET_API_VERSION'
  | 'VFIO_CHECK_EXTENSION'
  | 'VFIO_SET_IOMMU'
  | 'VFIO_IOMMU_GET_INFO'
  | 'VFIO_IOMMU_MAP_DMA'
  | 'VFIO_IOMMU_UNMAP_DMA'
  | 'VFIO_IOMMU_DIRTY_PAGES'
> = {
  VFIO_GET_API_VERSION: (context, { fd }) => context.perform(calls.getApiVersion(context.descriptor(fd))),

  VFIO_CHECK_EXTENSION: (context, { fd, ext }) =>
    context.perform(calls.checkExtension(context.descriptor(fd), ext)),

  VFIO_SET_IOMMU: (context, { fd, type }) => context.perform(calls.setIommu(context.descriptor(fd), type)),

  VFIO_IOMMU_GET_INFO: (context, args) => {
    const fd = context.descriptor(args.fd);
    if ('arg' in args)
      return context.perform(calls.withNullPointer('GET_INFO', fd, type1.VFIO_IOMMU_GET_INFO));
    return context.perform(calls.getInfo(fd, args.argsz));
  },

  VFIO_IOMMU_MAP_DMA: (context, args) => {
    const fd = context.descriptor(args.fd);
    if ('arg' in args) return context.perform(calls.withNullPointer('MAP_DMA', fd, type1.VFIO_IOMMU_MAP_DMA));
    return context.perform(
      calls.mapDma(fd, {
        iova: BigInt(args.iova),
        vaddr: BigInt(args.vaddr),
        size: BigInt(args.size),
        flags: args.flags,
        ...(args.argsz === undefined ? {} : { argsz: args.argsz }),
      }),
    );
  },

  VFIO_IOMMU_UNMAP_DMA: (context, args) => {
    const fd = context.descriptor(args.fd);
    if ('arg' in args) {
      return context.perform(calls.withNullPointer('UNMAP_DMA', fd, type1.VFIO_IOMMU_UNMAP_DMA));
    }
    const range = { iova: BigInt(args.iova), size: BigInt(args.size), flags: args.flags };
    if (args.pgsize !== undefined && args.bitmap_size !== undefined) {
      const bitmap = { pgsize: BigInt(args.pgsize), bitmapSize: args.bitmap_size };
      return context.perform(calls.unmapDmaDirty(fd, { ...range, ...bitmap }));
    }
    const argsz = args.argsz === undefined ? {} : { argsz: args.argsz };
    return context.perform(calls.unmapDma(fd, { ...range, ...argsz }));
  },

  VFIO_IOMMU_DIRTY_PAGES: (context, args) => {
    const fd = context.descriptor(args.fd);
    if (!('iova' in args)) return context.perform(calls.dirtyPages(fd, args.flags));
    return context.perform(
      calls.dirtyBitmap(fd, {
        flags: args.flags,
        iova: BigInt(args.iova),
        size: BigInt(args.size),
        pgsize: BigInt(args.pgsize),
        bitmapSize: args.bitmap_size,
      }),
    );
  },
};
