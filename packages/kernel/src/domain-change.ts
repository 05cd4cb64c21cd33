/**
 * The move of a group from one domain to another, as whoever asks for it sees it: it begins when a design's `move` is
 * called and ends when that returns. No kernel knows this; it is ghost state, by which DMA meanwhile is judged.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Capability } from './capability';
import type { DomainPort, Need, Target } from './contract';
import type { IommuDomain } from './domain';
import { isErrno } from './errno';
import type { IommuGroup } from './group';

export interface DomainChange {
  readonly from: IommuDomain;
  readonly to: IommuDomain;
}

interface Handle {
  readonly group: IommuGroup;
  /** The design's own. */
  readonly inner: unknown;
}

/** The same port, which notes in `group.change` while a group is moved. Costs no step. */
// biome-ignore lint/suspicious/noExplicitAny: a handle's type is the design's own business
export function notingChanges(port: DomainPort<any>): DomainPort<any> {
  const noting: DomainPort<Handle> = {
    attachTime: port.attachTime,
    *begin(target: Target) {
      const inner: unknown = yield* port.begin(target);
      return isErrno(inner) ? inner : { group: target.group, inner };
    },
    capable: ({ inner }: Handle, domain: IommuDomain | null, capability: Capability) =>
      port.capable(inner, domain, capability),
    attachNew: ({ inner }: Handle, need: Need) => port.attachNew(inner, need),
    *move({ group, inner }: Handle, from: IommuDomain, to: IommuDomain) {
      group.change.writeInStep({ from, to });
      const failure = yield* port.move(inner, from, to);
      group.change.writeInStep(null);
      return failure;
    },
    end: ({ inner }: Handle) => port.end(inner),
    detach: (target: Target, domain: IommuDomain): Op<void> => port.detach(target, domain),
  };
  return noting;
}
