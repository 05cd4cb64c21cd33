/** The reference variant with its port calls written down, and single answers replaced. */
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type DomainPort,
  type Errno,
  type IommuDomain,
  isErrno,
  type MoveFailure,
  type Need,
  referenceVariant,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';

/** What single port calls answer in place of the reference variant. */
export interface Answers {
  begin?: Errno;
  capable?: (capability: Capability) => boolean;
  aperture?: { first: bigint; last: bigint };
  pageSizes?: bigint;
}

export class WatchedPort implements DomainPort<unknown> {
  readonly calls: string[] = [];
  answers: Answers = {};
  readonly attachTime = 'container';
  readonly #inner = referenceVariant.ports.domain as DomainPort<unknown>;

  get variant(): Variant {
    const { ownership } = referenceVariant.ports;
    return { ...referenceVariant, ports: { ownership, domain: this } };
  }

  *begin(target: Target): Op<unknown> {
    this.calls.push('begin');
    return this.answers.begin ?? (yield* this.#inner.begin(target));
  }

  *capable(handle: unknown, domain: IommuDomain | null, capability: Capability): Op<boolean> {
    this.calls.push(`capable ${capability}`);
    return this.answers.capable?.(capability) ?? (yield* this.#inner.capable(handle, domain, capability));
  }

  *attachNew(handle: unknown, need: Need): Op<IommuDomain | Errno> {
    this.calls.push(`attachNew ${JSON.stringify(need)}`);
    const made = yield* this.#inner.attachNew(handle, need);
    if (!isErrno(made)) reshape(made, this.answers);
    return made;
  }

  *move(handle: unknown, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    this.calls.push('move');
    return yield* this.#inner.move(handle, from, to);
  }

  *end(handle: unknown): Op<void> {
    this.calls.push('end');
    yield* this.#inner.end(handle);
  }

  *detach(target: Target, domain: IommuDomain): Op<void> {
    this.calls.push('detach');
    yield* this.#inner.detach(target, domain);
  }
}

function reshape(domain: IommuDomain, answers: Answers): void {
  const geometry = domain.geometry.value;
  if (geometry === null) return;
  const { first, last } = answers.aperture ?? { first: geometry.apertureFirst, last: geometry.apertureLast };
  const pageSizes = answers.pageSizes ?? geometry.pageSizes;
  domain.geometry.set({ ...geometry, pageSizes, apertureFirst: first, apertureLast: last });
}
