/** A device's regions through its descriptor: configuration space and BAR0. */
import { calls } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';

export const deviceAccessHandlers: Handlers<
  'config.read' | 'config.write' | 'bar.read' | 'bar.load' | 'bar.mmap' | 'bar.munmap'
> = {
  'config.read': (context, { fd, off, len }) => context.on(fd, (n) => calls.configRead(n, BigInt(off), len)),

  'config.write': (context, { fd, off, len, value }) =>
    context.on(fd, (n) => calls.configWrite(n, BigInt(off), len, BigInt(value))),

  'bar.read': (context, { fd, off, len }) => context.on(fd, (n) => calls.barRead(n, BigInt(off), len)),

  'bar.load': (context, { fd, off }) => context.on(fd, (n) => calls.barLoad(n, BigInt(off))),

  'bar.mmap': (context, args) =>
    context.on(args.fd, (fd) =>
      'vaddr' in args
        ? calls.mapRegion(fd, BigInt(args.vaddr), args.region, BigInt(args.len))
        : calls.tryMap(fd, BigInt(args.off), BigInt(args.len), args.private !== true),
    ),

  'bar.munmap': (context, { vaddr, len }) => context.perform(calls.unmapMemory(BigInt(vaddr), BigInt(len))),
};
