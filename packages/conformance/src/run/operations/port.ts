/**
 * A design's ports called directly, without a frontend: what VFIO's own path cannot be brought to do. The target has
 * VFIO's registered devices, as VFIO would pass them.
 */
import { PROT_READ, PROT_WRITE, pageOf } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import {
  type Errno,
  type IommuDomain,
  iommuDomainFree,
  iommuMap,
  iommuUnmap,
  isErrno,
} from '@iommu-lab/kernel';
import type { Mm } from '@iommu-lab/vfio';
import type { StepAnswer } from '../../trace/compare';
import type { Context } from '../context';
import type { Handlers } from '../handlers';

export const portHandlers: Handlers<
  | 'port.claim'
  | 'port.release'
  | 'port.begin'
  | 'port.capable'
  | 'port.attachNew'
  | 'port.move'
  | 'port.map'
  | 'port.unmap'
  | 'port.end'
  | 'port.detach'
  | 'port.free'
> = {
  'port.claim': (context, { group, dev, owner }) =>
    context.kernelCall(() => ownership(context).claim(context.target(group, dev), context.port.owner(owner))),

  'port.release': (context, { group, dev, owner }) =>
    context.kernelCall(() =>
      ownership(context).release(context.target(group, dev), context.port.owner(owner)),
    ),

  'port.begin': (context, { group, dev }, names) =>
    context.kernelCall(function* begin() {
      const handle = yield* domainPort(context).begin(context.target(group, dev));
      if (isErrno(handle)) return handle;
      context.port.handles.set(names.handle ?? 'handle', handle);
      return 0;
    }),

  'port.capable': (context, { handle, domain, capability }) =>
    context.kernelCall(function* capable() {
      const asked = domain === null ? null : context.port.domain(domain);
      const yes = yield* domainPort(context).capable(context.port.handle(handle), asked, capability);
      return yes ? 1 : 0;
    }),

  'port.attachNew': (context, { handle, nesting = false, isolatedMsi = false }, names) =>
    context.kernelCall(function* attachNew() {
      const need = { nesting, isolatedMsi };
      const domain = yield* domainPort(context).attachNew(context.port.handle(handle), need);
      if (isErrno(domain)) return domain;
      context.port.domains.set(names.id ?? 'domain', domain);
      return 0;
    }),

  'port.move': (context, { handle, from, to }) => {
    let nowOn: IommuDomain | null | undefined;
    const answer = context.kernelCall(function* move() {
      const { port } = context;
      const failure = yield* domainPort(context).move(
        port.handle(handle),
        port.domain(from),
        port.domain(to),
      );
      if (failure === 0) return 0;
      nowOn = failure.nowOn;
      return failure.errno;
    });
    if (nowOn === undefined) return answer;
    return { ...answer, out: { nowOn: nowOn === null ? null : context.port.nameOf(nowOn) } };
  },

  'port.map': (context, args) => context.kernelCall(() => mapMemory(context, args)),
  'port.unmap': (context, args) => context.kernelCall(() => unmapMemory(context, args)),

  'port.end': (context, { handle }) =>
    context.kernelCall(function* end() {
      yield* domainPort(context).end(context.port.handle(handle));
      context.port.handles.delete(handle);
    }),

  'port.detach': (context, { group, dev, domain }) =>
    context.kernelCall(() =>
      domainPort(context).detach(context.target(group, dev), context.port.domain(domain)),
    ),

  'port.free': (context, { domain }): StepAnswer =>
    context.kernelCall(function* free() {
      yield* iommuDomainFree(context.port.domain(domain));
      context.port.domains.delete(domain);
    }),
};

function ownership(context: Context) {
  return context.system.vfio.ownership;
}

function domainPort(context: Context) {
  return context.system.vfio.domainPort;
}

interface Mapping {
  readonly domain: string;
  readonly iova: string;
  readonly size: string;
}

function* mapMemory(context: Context, args: Mapping & { vaddr: string; flags: number }): Op<0 | Errno> {
  const domain = context.port.domain(args.domain);
  const mm: Mm = context.task.mm;
  const prot = (args.flags & 1 ? PROT_READ : 0) | (args.flags & 2 ? PROT_WRITE : 0);
  const pages = pageOf(BigInt(args.size));
  const firstIova = pageOf(BigInt(args.iova));
  const firstUser = pageOf(BigInt(args.vaddr));
  for (let index = 0; index < pages; index++) {
    const page = mm.resolve(firstUser + index, prot >= PROT_WRITE);
    if (page < 0) return 'EFAULT';
    const error = yield* iommuMap(domain, firstIova + index, page, 1, prot);
    if (error !== 0) return error;
    context.system.vfio.pages.pin(page);
    context.port.pins.set(`${args.domain} ${firstIova + index}`, page);
  }
  return 0;
}

function* unmapMemory(context: Context, args: Mapping): Op<0> {
  const domain = context.port.domain(args.domain);
  const pages = pageOf(BigInt(args.size));
  const firstIova = pageOf(BigInt(args.iova));
  yield* iommuUnmap(domain, firstIova, pages);
  for (let page = firstIova; page < firstIova + pages; page++) {
    const pinned = context.port.pins.get(`${args.domain} ${page}`);
    if (pinned === undefined) continue;
    context.system.vfio.pages.unpin(pinned);
    context.port.pins.delete(`${args.domain} ${page}`);
  }
  return 0;
}
