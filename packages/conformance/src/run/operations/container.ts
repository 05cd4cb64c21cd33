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
  VFIO_GET_API_VERSION: (context, { fd }) => context.on(fd, calls.getApiVersion),

  VFIO_CHECK_EXTENSION: (context, { fd, ext }) => context.on(fd, (n) => calls.checkExtension(n, ext)),

  VFIO_SET_IOMMU: (context, { fd, type }) => context.on(fd, (n) => calls.setIommu(n, type)),

  VFIO_IOMMU_GET_INFO: (context, args) =>
    context.on(args.fd, (fd) =>
      'arg' in args
        ? calls.withNullPointer('GET_INFO', fd, type1.VFIO_IOMMU_GET_INFO)
        : calls.getInfo(fd, args.argsz),
    ),

  VFIO_IOMMU_MAP_DMA: (context, args) =>
    context.on(args.fd, (fd) =>
      'arg' in args
        ? calls.withNullPointer('MAP_DMA', fd, type1.VFIO_IOMMU_MAP_DMA)
        : calls.mapDma(fd, {
            iova: BigInt(args.iova),
            vaddr: BigInt(args.vaddr),
            size: BigInt(args.size),
            flags: args.flags,
            ...(args.argsz === undefined ? {} : { argsz: args.argsz }),
          }),
    ),

  VFIO_IOMMU_UNMAP_DMA: (context, args) =>
    context.on(args.fd, (fd) => {
      if ('arg' in args) return calls.withNullPointer('UNMAP_DMA', fd, type1.VFIO_IOMMU_UNMAP_DMA);
      const range = { iova: BigInt(args.iova), size: BigInt(args.size), flags: args.flags };
      if (args.pgsize !== undefined && args.bitmap_size !== undefined) {
        const bitmap = { pgsize: BigInt(args.pgsize), bitmapSize: args.bitmap_size };
        return calls.unmapDmaDirty(fd, { ...range, ...bitmap });
      }
      return calls.unmapDma(fd, { ...range, ...(args.argsz === undefined ? {} : { argsz: args.argsz }) });
    }),

  VFIO_IOMMU_DIRTY_PAGES: (context, args) =>
    context.on(args.fd, (fd) =>
      'iova' in args
        ? calls.dirtyBitmap(fd, {
            flags: args.flags,
            iova: BigInt(args.iova),
            size: BigInt(args.size),
            pgsize: BigInt(args.pgsize),
            bitmapSize: args.bitmap_size,
          })
        : calls.dirtyPages(fd, args.flags),
    ),
};
