/** A device's regions through its descriptor: configuration space and BAR0. */
import { calls } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';

export const deviceAccessHandlers: Handlers<
  'config.read' | 'config.write' | 'bar.read' | 'bar.load' | 'bar.mmap' | 'bar.munmap'
> = {
  'config.read': (context, { fd, off, len }) =>
    context.perform(calls.configRead(context.descriptor(fd), BigInt(off), len)),

  'config.write': (context, { fd, off, len, value }) =>
    context.perform(calls.configWrite(context.descriptor(fd), BigInt(off), len, BigInt(value))),

  'bar.read': (context, { fd, off, len }) =>
    context.perform(calls.barRead(context.descriptor(fd), BigInt(off), len)),

  'bar.load': (context, { fd, off }) => context.perform(calls.barLoad(context.descriptor(fd), BigInt(off))),

  'bar.mmap': (context, args) => {
    const fd = context.descriptor(args.fd);
    if ('vaddr' in args) {
      return context.perform(calls.mapRegion(fd, BigInt(args.vaddr), args.region, BigInt(args.len)));
    }
    return context.perform(calls.tryMap(fd, BigInt(args.off), BigInt(args.len), args.private !== true));
  },

  'bar.munmap': (context, { vaddr, len }) => context.perform(calls.unmapMemory(BigInt(vaddr), BigInt(len))),
};
