/**
 * A variant that sees how it is used: what is read of it, whether handles are looked into, whether brackets close. For a
 * frontend that keeps to the contract nothing else changes.
 */
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type DomainPort,
  type Errno,
  type IommuDomain,
  isErrno,
  type MoveFailure,
  type Need,
  type OwnershipPort,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';

export class WatchedVariant {
  /** What was read of the variant, of its `ports` and of each port, as `ports.domain.begin`. */
  readonly reads = new Set<string>();
  /** What the frontend did wrong, one sentence each. */
  readonly wrong: string[] = [];
  readonly variant: Variant;
  readonly #handles = new Map<object, unknown>();
  readonly #inner: DomainPort<unknown>;

  constructor(variant: Variant) {
    const { domain, ownership } = variant.ports;
    if (domain === undefined) throw new Error(`${variant.id} has no domain port`);
    this.#inner = domain;
    const ports = this.#watch('ports', {
      ownership: this.#watch<OwnershipPort>('ports.ownership', ownership),
      domain: this.#watch<DomainPort<object>>('ports.domain', this.#port()),
    });
    this.variant = this.#watch('variant', { ...variant, ports });
  }

  /** Brackets that are open. */
  get open(): number {
    return this.#handles.size;
  }

  #watch<T extends object>(name: string, value: T): T {
    return new Proxy(value, {
      get: (target, key) => {
        this.reads.add(`${name}.${String(key)}`);
        return Reflect.get(target, key);
      },
      has: (target, key) => {
        this.reads.add(`${name}.${String(key)}`);
        return Reflect.has(target, key);
      },
      ownKeys: (target) => {
        this.wrong.push(`the keys of ${name} were listed`);
        return Reflect.ownKeys(target);
      },
    });
  }

  /** Stands for a handle outside: whoever looks into it is noted. */
  #token(handle: unknown): object {
    const token = new Proxy(Object.freeze({}), {
      get: (_, key) => {
        this.wrong.push(`a handle's ${String(key)} was read`);
        return undefined;
      },
    });
    this.#handles.set(token, handle);
    return token;
  }

  #handle(token: object, call: string): unknown {
    if (!this.#handles.has(token)) this.wrong.push(`${call} with a handle that has ended`);
    return this.#handles.get(token);
  }

  #port(): DomainPort<object> {
    const inner = this.#inner;
    const watched = this;
    return {
      attachTime: inner.attachTime,
      *begin(target: Target): Op<object | Errno> {
        const handle = yield* inner.begin(target);
        return isErrno(handle) ? handle : watched.#token(handle);
      },
      *capable(token: object, domain: IommuDomain | null, capability: Capability): Op<boolean> {
        return yield* inner.capable(watched.#handle(token, 'capable'), domain, capability);
      },
      *attachNew(token: object, need: Need): Op<IommuDomain | Errno> {
        return yield* inner.attachNew(watched.#handle(token, 'attachNew'), need);
      },
      *move(token: object, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
        return yield* inner.move(watched.#handle(token, 'move'), from, to);
      },
      *end(token: object): Op<void> {
        const handle = watched.#handle(token, 'end');
        watched.#handles.delete(token);
        yield* inner.end(handle);
      },
      *detach(target: Target, domain: IommuDomain): Op<void> {
        if (watched.open > 0) watched.wrong.push('detach between begin and end');
        yield* inner.detach(target, domain);
      },
    };
  }
}
