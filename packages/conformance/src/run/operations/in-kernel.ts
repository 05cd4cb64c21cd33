/** A kernel module with a domain of its own, attached to a group without asking who owns it. */
import { type Op, UsageError } from '@iommu-lab/explorer';
import {
  type Errno,
  type IommuDomain,
  type IommuGroup,
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainFree,
  iommuPagingDomainAlloc,
  isErrno,
} from '@iommu-lab/kernel';
import type { Context } from '../context';
import type { Handlers } from '../handlers';

/** Domains of modules by module and name. */
export class InKernelNames {
  readonly domains: Map<string, IommuDomain>;
  /** Those that could not be attached when they were first named. */
  readonly failed: Set<string>;

  constructor(origin?: InKernelNames) {
    this.domains = new Map(origin?.domains);
    this.failed = new Set(origin?.failed);
  }

  learn({ domains, failed }: InKernelNames): void {
    for (const [name, domain] of domains) this.domains.set(name, domain);
    for (const name of failed) this.failed.add(name);
  }
}

interface Attachment {
  readonly module: string;
  readonly domain: string;
  readonly group?: string;
  readonly dev?: string;
}

export const inKernelHandlers: Handlers<'kernel.attach' | 'kernel.detach'> = {
  'kernel.attach': (context, args) => context.answerOf(attach(context, args)),
  'kernel.detach': (context, args) => context.answerOf(detach(context, args)),
};

function* attach(context: Context, args: Attachment): Op<0 | Errno> {
  const group = groupOf(context, args);
  // A module that has a device works through it; one that knows only the group takes a member.
  const device = args.dev === undefined ? group.devices.value[0] : context.device(args.dev);
  if (device === undefined) return 'ENODEV';
  const { domains, failed } = context.inKernel;
  const key = `${args.module} ${args.domain}`;
  failed.add(key);
  const domain = domains.get(key) ?? (yield* iommuPagingDomainAlloc(device));
  if (isErrno(domain)) return domain;
  domain.module ??= args.module;
  const error = yield* iommuAttachGroup(domain, group);
  if (error === 0) {
    domains.set(key, domain);
    failed.delete(key);
  } else if (!domains.has(key)) yield* iommuDomainFree(domain);
  return error;
}

/** The module frees its domain as soon as it is attached nowhere. EINVAL: it could not attach it. */
function* detach(context: Context, args: Attachment): Op<0 | Errno> {
  const { domains, failed } = context.inKernel;
  const key = `${args.module} ${args.domain}`;
  const domain = domains.get(key);
  if (domain === undefined && failed.has(key)) return 'EINVAL';
  if (domain === undefined) throw new UsageError(`module ${args.module} has no domain "${args.domain}"`);
  yield* iommuDetachGroup(domain, groupOf(context, args));
  if (context.system.kernel.groups().some((group) => group.domain.value === domain)) return 0;
  yield* iommuDomainFree(domain);
  domains.delete(key);
  return 0;
}

function groupOf(context: Context, { group, dev }: Attachment): IommuGroup {
  return context.group(group ?? dev ?? '');
}
