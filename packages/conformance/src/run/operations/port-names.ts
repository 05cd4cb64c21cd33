/** What the steps on a design's ports have named in one case. */
import type { DmaOwner, IommuDomain } from '@iommu-lab/kernel';
import { named } from '../context';

export class PortNames {
  readonly handles: Map<string, unknown>;
  readonly domains: Map<string, IommuDomain>;
  readonly owners: Map<string, DmaOwner>;
  /** Pages that port.map pinned, by domain and iova page. */
  readonly pins: Map<string, number>;
  /** Names that a step was to give and did not, since it failed. */
  readonly notGiven: Set<string>;

  constructor(origin?: PortNames) {
    this.handles = new Map(origin?.handles);
    this.domains = new Map(origin?.domains);
    // An owner is known by identity alone: all threads mean the same one.
    this.owners = origin?.owners ?? new Map<string, DmaOwner>();
    this.pins = new Map(origin?.pins);
    this.notGiven = new Set(origin?.notGiven);
  }

  /** Takes over what a thread has named. */
  learn({ handles, domains, pins, notGiven }: PortNames): void {
    for (const [name, handle] of handles) this.handles.set(name, handle);
    for (const [name, domain] of domains) this.domains.set(name, domain);
    for (const [place, page] of pins) this.pins.set(place, page);
    for (const name of notGiven) this.notGiven.add(name);
  }

  /** Whether one of the names stands for nothing, as the step that was to give it failed. */
  lacks(...names: (string | null)[]): boolean {
    return names.some((name) => name !== null && this.notGiven.has(name));
  }

  domain(name: string): IommuDomain {
    return named(this.domains, 'domain', name);
  }

  handle(name: string): unknown {
    if (!this.handles.has(name)) named(this.handles, 'handle', name);
    return this.handles.get(name);
  }

  owner(name: string): DmaOwner {
    const owner = this.owners.get(name) ?? { label: name };
    this.owners.set(name, owner);
    return owner;
  }

  /** The name of a domain, as steps know it. */
  nameOf(domain: IommuDomain): string | null {
    for (const [name, one] of this.domains) if (one === domain) return name;
    return null;
  }
}
