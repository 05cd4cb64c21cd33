/**
 * An IOMMU driver as small as one can be, for an IOMMU that there is none of: it notes where each device points and what
 * it was told to drop. Nothing of the core knows of it.
 */
import { PageTable, vtdSecondStage } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type Device,
  type Errno,
  type Geometry,
  IommuDomain,
  type IommuDriver,
  type IommuInstance,
  isErrno,
  type ReservedRegion,
} from '../../src/index';

export const WINDOW: ReservedRegion = { first: 0x8000n, last: 0x8fffn, type: 'msi' };

export class ToyDriver implements IommuDriver {
  readonly name = 'toy';
  /** Where the device of a name points; what is not in it is refused. */
  readonly pointers = new Map<string, IommuDomain>();
  /** What the core asked for, in order. */
  readonly log: string[] = [];

  /** @param serves the names of the devices that it translates for */
  constructor(readonly serves: (device: Device) => boolean) {}

  *capable(_instance: IommuInstance, device: Device | null, capability: Capability): Op<boolean> {
    this.log.push(`capable ${capability} ${device?.name ?? 'bus'}`);
    return capability === 'cache-coherency';
  }

  *domainCapable(_domain: IommuDomain, capability: Capability): Op<boolean> {
    this.log.push(`capable ${capability} domain`);
    return capability === 'enforce-cache-coherency';
  }

  *probeDevice(_instance: IommuInstance, device: Device): Op<0 | Errno> {
    return this.serves(device) ? 0 : 'ENODEV';
  }

  *detach(_instance: IommuInstance, device: Device): Op<void> {
    this.pointers.delete(device.name);
    yield* device.attachedDomain.store(null);
  }

  *attachedInProbe(): Op<void> {}

  *releaseDevice(_instance: IommuInstance, device: Device): Op<void> {
    this.pointers.delete(device.name);
    yield* device.attachedDomain.store(null);
  }

  *allocPaging(
    instance: IommuInstance,
    device: Device | null,
    type: 'DMA' | 'UNMANAGED',
  ): Op<IommuDomain | Errno> {
    const geometry = device === null ? null : geometryFor(instance);
    return isErrno(geometry) ? geometry : new IommuDomain(instance.kernel, type, this, geometry);
  }

  blockedDomain(): IommuDomain | null {
    return null;
  }

  identityDomain(): IommuDomain | null {
    return null;
  }

  *attach(instance: IommuInstance, domain: IommuDomain, device: Device): Op<0 | Errno> {
    if (domain.geometry.value === null) {
      const geometry = geometryFor(instance);
      if (isErrno(geometry)) return geometry;
      domain.geometry.set(geometry);
    }
    this.pointers.set(device.name, domain);
    yield* device.attachedDomain.store(domain);
    return 0;
  }

  reservedRegions(): readonly ReservedRegion[] {
    return [WINDOW];
  }

  *syncMap(_domain: IommuDomain, iovaPage: number, pages: number): Op<void> {
    this.log.push(`syncMap ${iovaPage} ${pages}`);
  }

  *sync(domain: IommuDomain, iovaPage: number, pages: number, leafOnly: boolean): Op<void> {
    const gathered = domain.geometry.value?.table.gatheredTables ?? 0;
    this.log.push(`sync ${iovaPage} ${pages} ${leafOnly ? 'leaves' : 'tables'}, ${gathered} not freed`);
  }

  *freeDomain(domain: IommuDomain): Op<void> {
    domain.geometry.value?.table.destroy();
  }
}

function geometryFor({ kernel }: IommuInstance): Geometry | Errno {
  const table = PageTable.create(kernel.machine.memory, vtdSecondStage, { levels: 3 });
  if (isErrno(table)) return table;
  return { table, pageSizes: table.pageSizes, apertureFirst: 0n, apertureLast: 0xffffffn };
}
