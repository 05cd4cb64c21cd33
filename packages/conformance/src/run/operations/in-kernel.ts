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

  constructor(origin?: InKernelNames) {
    this.domains = new Map(origin?.domains);
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
  const [first] = group.devices.value;
  if (first === undefined) return 'ENODEV';
  const { domains } = context.inKernel;
  const key = `${args.module} ${args.domain}`;
  const domain = domains.get(key) ?? (yield* iommuPagingDomainAlloc(first));
  if (isErrno(domain)) return domain;
  const error = yield* iommuAttachGroup(domain, group);
  if (error === 0) domains.set(key, domain);
  else if (!domains.has(key)) yield* iommuDomainFree(domain);
  return error;
}

/** The module frees its domain as soon as it is attached nowhere. */
function* detach(context: Context, args: Attachment): Op<void> {
  const { domains } = context.inKernel;
  const key = `${args.module} ${args.domain}`;
  const domain = domains.get(key);
  if (domain === undefined) throw new UsageError(`module ${args.module} has no domain "${args.domain}"`);
  yield* iommuDetachGroup(domain, groupOf(context, args));
  if (context.system.kernel.groups().some((group) => group.domain.value === domain)) return;
  yield* iommuDomainFree(domain);
  domains.delete(key);
}

function groupOf(context: Context, { group, dev }: Attachment): IommuGroup {
  return context.group(group ?? dev ?? '');
}
