/** The user's own memory. */
import { calls } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';

export const memoryHandlers: Handlers<'mem.map' | 'mem.unmap' | 'mem.fill' | 'mem.peek'> = {
  'mem.map': (context, { vaddr, len, prot, hint }) =>
    context.perform(calls.mapMemory(BigInt(vaddr), BigInt(len), prot, hint === 'hugepage')),

  'mem.unmap': (context, { vaddr, len }) => context.perform(calls.unmapMemory(BigInt(vaddr), BigInt(len))),

  'mem.fill': (context, { vaddr, len, byte }) =>
    context.perform(calls.fillMemory(BigInt(vaddr), Number(BigInt(len)), Number(byte))),

  'mem.peek': (context, { vaddr, len }) =>
    context.perform(calls.peekMemory(BigInt(vaddr), Number(BigInt(len)))),
};
