/** DMA of the edu device. `phys(V)`: the physical address behind the user address V, and back in what is logged. */
import { addressOf, hex, pageOf } from '@iommu-lab/core';
import { type Op, UsageError } from '@iommu-lab/explorer';
import { calls } from '@iommu-lab/vfio';
import type { StepAnswer } from '../../trace/compare';
import type { Context } from '../context';
import type { Handlers } from '../handlers';

type Transfer = { readonly iova: string; readonly len: number } & (
  | { readonly fd: string }
  | { readonly dev: string }
);

export const eduHandlers: Handlers<'edu.dma_read' | 'edu.dma_write'> = {
  'edu.dma_read': (context, args) => transfer(context, args, calls.eduRead),
  'edu.dma_write': (context, args) => transfer(context, args, calls.eduWrite),
};

function* transfer(context: Context, args: Transfer, call: typeof calls.eduRead): Op<StepAnswer> {
  const handle = 'dev' in args ? { dev: args.dev } : { fd: yield* context.descriptor(args.fd) };
  const user = /^phys\((0x[0-9a-fA-F]+)\)$/.exec(args.iova)?.[1];
  if (user === undefined) return yield* context.perform(call(handle, BigInt(args.iova), args.len));
  const vaddr = BigInt(user);
  const physical = physicalAddress(context, vaddr);
  const answer = yield* context.perform(call(handle, physical, args.len));
  const faults = answer.out?.faults as readonly { addr: string }[] | undefined;
  if (faults === undefined) return answer;
  const named = faults.map((fault) => ({ ...fault, addr: userPage(BigInt(fault.addr), physical, vaddr) }));
  return { ...answer, out: { ...answer.out, faults: named } };
}

function physicalAddress(context: Context, vaddr: bigint): bigint {
  const physical = context.task.mm.physicalOf(vaddr);
  if (physical === null) throw new UsageError(`phys(${hex(vaddr)}): no memory is mapped there`);
  return physical;
}

/** The user page that a physical page stands for in the words of the step. */
function userPage(page: bigint, physical: bigint, vaddr: bigint): string {
  const offset = page - addressOf(pageOf(physical));
  return `phys(${hex(addressOf(pageOf(vaddr)) + offset)})`;
}
