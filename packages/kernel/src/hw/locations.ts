/**
 * Which parts of the hardware an operation touches, as locations that can conflict.
 *
 * (domain, range under one root entry), (unit, cached entry of requester id and page), (context, requester id),
 * (physical frame). One location for a whole IOTLB would make all DMA dependent; none would hide the flush races.
 * Locations are looked up only while an execution is searched: ordinary calls declare nothing.
 */
import { AccessKind, type PendingOperation, type World } from '@iommu-lab/explorer';
import type { IommuDomain } from '../domain';

/** Pages under one entry of a 512-entry root of a three-level table. */
const ROOT_ENTRY_PAGES = 2 ** 18;

/** Location numbers by what they stand for. Belongs to one kernel. */
export class HardwareLocations {
  readonly #numbers = new Map<string, number>();

  constructor(private readonly world: World) {}

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const made = this.world.newLocation();
    this.#numbers.set(name, made);
    return made;
  }
}

/** Declares the part of a domain's tables that translates `pages` pages from `iovaPage` on. */
export function declareRange(
  pending: PendingOperation,
  domain: IommuDomain,
  iovaPage: number,
  pages: number,
  kind: AccessKind,
): void {
  if (domain.world.mode !== 'search') return;
  const first = Math.floor(iovaPage / ROOT_ENTRY_PAGES);
  const last = Math.floor((iovaPage + pages - 1) / ROOT_ENTRY_PAGES);
  for (let entry = first; entry <= last; entry++) {
    pending.accesses.add(domain.kernel.locations.of(`${domain.label}.range${entry}`), kind);
  }
  pending.accesses.add(domain.lifeLocation, AccessKind.READ);
}

/** Declares the context entry of a requester id. */
export function declareContext(
  pending: PendingOperation,
  locations: HardwareLocations,
  requesterId: number,
  kind: AccessKind,
): void {
  if (pending.fiber.world.mode !== 'search') return;
  pending.accesses.add(locations.of(`context${requesterId}`), kind);
}

/** Declares what an IOMMU caches for a requester id and a page; page null: everything it caches. */
export function declareCached(
  pending: PendingOperation,
  locations: HardwareLocations,
  requesterId: number | null,
  iovaPage: number | null,
  kind: AccessKind,
): void {
  if (pending.fiber.world.mode !== 'search') return;
  pending.accesses.add(locations.of(`iotlb${requesterId ?? '*'}.${iovaPage ?? '*'}`), kind);
}

/** Declares a page of physical memory. */
export function declareFrame(
  pending: PendingOperation,
  locations: HardwareLocations,
  page: number,
  kind: AccessKind,
): void {
  if (pending.fiber.world.mode !== 'search') return;
  pending.accesses.add(locations.of(`frame${page}`), kind);
}
