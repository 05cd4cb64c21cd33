/**
 * A design's ports called directly, without a frontend: what VFIO's own path cannot be brought to do. The target has
 * VFIO's registered devices, as VFIO would pass them. What a failed step was to name cannot be used: EINVAL.
 */
import { PROT_READ, PROT_WRITE, pageOf } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import {
  type Errno,
  type IommuDomain,
  type IommuGroup,
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
  | 'port.where'
> = {
  'port.claim': (context, { group, dev, owner }) =>
    context.answerOf(ownership(context).claim(context.target(group, dev), context.port.owner(owner))),

  'port.release': (context, { group, dev, owner }) =>
    context.answerOf(ownership(context).release(context.target(group, dev), context.port.owner(owner))),

  *'port.begin'(context, { group, dev }, names) {
    const handle = yield* domainPort(context).begin(context.target(group, dev));
    const name = names.handle ?? 'handle';
    if (isErrno(handle)) return notGiven(context, name, handle);
    context.port.notGiven.delete(name);
    context.port.handles.set(name, handle);
    return DONE;
  },

  *'port.capable'(context, { handle, domain, capability }) {
    if (context.port.lacks(handle, domain)) return failed('EINVAL');
    const asked = domain === null ? null : context.port.domain(domain);
    const yes = yield* domainPort(context).capable(context.port.handle(handle), asked, capability);
    return { ret: yes ? 1 : 0, errno: null };
  },

  *'port.attachNew'(context, { handle, nesting = false, isolatedMsi = false }, names) {
    const name = names.id ?? 'domain';
    if (context.port.lacks(handle)) return notGiven(context, name, 'EINVAL');
    const need = { nesting, isolatedMsi };
    const domain = yield* domainPort(context).attachNew(context.port.handle(handle), need);
    if (isErrno(domain)) return notGiven(context, name, domain);
    context.port.notGiven.delete(name);
    context.port.domains.set(name, domain);
    return DONE;
  },

  *'port.move'(context, { handle, from, to }) {
    const { port } = context;
    if (port.lacks(handle, from, to)) return failed('EINVAL');
    const failure = yield* domainPort(context).move(port.handle(handle), port.domain(from), port.domain(to));
    if (failure === 0) return DONE;
    const { errno, nowOn } = failure;
    return { ...failed(errno), out: { nowOn: nowOn === null ? null : port.nameOf(nowOn) } };
  },

  'port.map': (context, args) => context.answerOf(mapMemory(context, args)),
  'port.unmap': (context, args) => context.answerOf(unmapMemory(context, args)),

  *'port.end'(context, { handle }) {
    if (context.port.lacks(handle)) return failed('EINVAL');
    yield* domainPort(context).end(context.port.handle(handle));
    context.port.handles.delete(handle);
    return DONE;
  },

  *'port.detach'(context, { group, dev, domain }) {
    if (context.port.lacks(domain)) return failed('EINVAL');
    const detached = context.port.domain(domain);
    return yield* context.answerOf(domainPort(context).detach(context.target(group, dev), detached));
  },

  *'port.where'(context, { dev }) {
    const device = context.device(dev);
    const group = device.group.readInStep();
    const nameIn = (domain: IommuDomain | null) => placeOf(context, group, domain);
    const out = {
      attached: nameIn(device.attachedDomain.readInStep()),
      domain: nameIn(group?.domain.readInStep() ?? null),
    };
    return { ...DONE, out };
  },

  *'port.free'(context, { domain }) {
    if (context.port.lacks(domain)) return failed('EINVAL');
    yield* iommuDomainFree(context.port.domain(domain));
    context.port.domains.delete(domain);
    return DONE;
  },
};

const DONE: StepAnswer = { ret: 0, errno: null };

function failed(errno: Errno): StepAnswer {
  return { ret: -1, errno };
}

/** Steps that use the name later are no mistake of the case. One that was given before stays given. */
function notGiven({ port }: Context, name: string, errno: Errno): StepAnswer {
  if (!port.handles.has(name) && !port.domains.has(name)) port.notGiven.add(name);
  return failed(errno);
}

/** How steps call a domain that a member of the group is on. */
function placeOf(context: Context, group: IommuGroup | null, domain: IommuDomain | null): string | null {
  if (domain === null) return null;
  if (domain === group?.defaultDomain.readInStep()) return 'default';
  if (domain === group?.blockingDomain.readInStep()) return 'blocking';
  return context.port.nameOf(domain) ?? 'other';
}

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
  if (context.port.lacks(args.domain)) return 'EINVAL';
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

function* unmapMemory(context: Context, args: Mapping): Op<0 | Errno> {
  if (context.port.lacks(args.domain)) return 'EINVAL';
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
