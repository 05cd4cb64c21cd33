/**
 * Linux's VT-d driver in legacy mode. Leaves out scalable mode, device TLBs, RMRRs of graphics and the
 * non-coherent walker's cache flushes. `@kernel drivers/iommu/intel/iommu.c`
 */
import { PageTable, vtdSecondStage } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Capability } from '../../capability';
import type { Device } from '../../device';
import { type Geometry, IommuDomain } from '../../domain';
import { type Errno, isErrno } from '../../errno';
import { hwDestroyTables } from '../../hw/tables';
import type { IommuDriver, ReservedRegion } from '../iommu-driver';
import { clearContexts, mapContexts } from './context';
import { attachDomainId, detachDomainId } from './domain-id';
import { flushNewEntries, flushRange } from './flush';
import type { IntelIommu } from './iommu';

/** Writes to this window are interrupts and never translated. */
const MSI_REGION: ReservedRegion = { first: 0xfee00000n, last: 0xfeefffffn, type: 'msi' };

const attach = kernelFunction(
  'intel_iommu_attach_device',
  function* attach(instance: IntelIommu, domain: IommuDomain, device: Device): Op<0 | Errno> {
    const found = yield* device.kernel.era.intel.records.attach(instance, domain, device);
    if (found !== null) return found;
    const error = prepareDomain(instance, domain);
    if (error !== 0) return error;
    yield* blockTranslation(instance, device);
    if (domain.type !== 'BLOCKED') {
      yield* instance.lock.lock();
      const noId = domain.type === 'IDENTITY' ? 0 : yield* attachDomainId(instance, domain);
      if (noId === 0) yield* mapContexts(instance, device, domain);
      yield* instance.lock.unlock();
      if (noId !== 0) return noId;
    }
    yield* device.attachedDomain.store(domain);
    return 0;
  },
);

/** Takes the device off whatever it is on: its DMA is refused afterwards. `@kernel device_block_translation` */
const blockTranslation = kernelFunction(
  'device_block_translation',
  function* blockTranslation(instance: IntelIommu, device: Device): Op<void> {
    const old = yield* device.attachedDomain.load();
    if (old === null || old.type === 'BLOCKED') return;
    yield* instance.lock.lock();
    yield* clearContexts(instance, device);
    if (old.type !== 'IDENTITY') yield* detachDomainId(instance, old);
    yield* instance.lock.unlock();
    yield* device.attachedDomain.store(null);
  },
);

/** A domain made without a device gets its tables now. */
function prepareDomain(instance: IntelIommu, domain: IommuDomain): 0 | Errno {
  const paging = domain.type === 'DMA' || domain.type === 'UNMANAGED';
  if (!paging || domain.geometry.readInStep() !== null) return 0;
  const geometry = makeGeometry(instance);
  if (isErrno(geometry)) return geometry;
  domain.geometry.writeInStep(geometry);
  return 0;
}

function makeGeometry(instance: IntelIommu): Geometry | Errno {
  const { levels, leafLevels, inputBits } = instance.capabilities;
  const { writeOnlyReadable, pageSizes } = instance.kernel.era.intel;
  const table = PageTable.create(instance.machine.memory, vtdSecondStage, {
    levels,
    leafLevels,
    writeOnlyReadable,
  });
  if (isErrno(table)) return table;
  const bits = BigInt(Math.min(inputBits, table.inputBits));
  const apertureLast = (1n << bits) - 1n;
  return { table, pageSizes: pageSizes ?? table.pageSizes, apertureFirst: 0n, apertureLast };
}

export const intelDriver: IommuDriver = {
  name: 'intel-iommu',

  *capable(instance: IntelIommu, _device: Device | null, capability: Capability): Op<boolean> {
    switch (capability) {
      case 'cache-coherency':
        return true;
      case 'isolated-msi':
        return instance.kernel.config.interruptRemapping;
      case 'enforce-cache-coherency':
        return instance.capabilities.snoopControl;
      case 'dirty-tracking':
        return false;
    }
  },

  *domainCapable(domain: IommuDomain, capability: Capability): Op<boolean> {
    const { iommu } = domain.kernel;
    return iommu !== null && (yield* intelDriver.capable(iommu, null, capability));
  },

  *probeDevice(): Op<0 | Errno> {
    return 0;
  },

  *detach(instance: IntelIommu, device: Device): Op<void> {
    yield* blockTranslation(instance, device);
    yield* device.attachedDomain.store(null);
  },

  *attachedInProbe(instance: IntelIommu, device: Device): Op<void> {
    yield* device.kernel.era.intel.records.attachedInProbe(instance, device);
  },

  *releaseDevice(instance: IntelIommu, device: Device): Op<void> {
    if (yield* device.kernel.era.intel.records.isLost(instance, device)) return;
    yield* blockTranslation(instance, device);
    yield* device.attachedDomain.store(null);
    yield* device.driverData.free();
  },

  *allocPaging(
    instance: IntelIommu,
    device: Device | null,
    type: 'DMA' | 'UNMANAGED',
  ): Op<IommuDomain | Errno> {
    if (device === null) return new IommuDomain(instance.kernel, type, intelDriver, null);
    const geometry = makeGeometry(instance);
    return isErrno(geometry) ? geometry : new IommuDomain(instance.kernel, type, intelDriver, geometry);
  },

  blockedDomain(instance: IntelIommu): IommuDomain | null {
    return instance.kernel.era.intel.blockedDomain ? instance.staticBlocked : null;
  },

  identityDomain(instance: IntelIommu): IommuDomain {
    return instance.staticIdentity;
  },

  attach,

  reservedRegions(): readonly ReservedRegion[] {
    return [MSI_REGION];
  },

  *freeDomain(domain: IommuDomain): Op<void> {
    const { era, iommu } = domain.kernel;
    if (iommu !== null) yield* era.intel.records.removeOf(iommu, domain);
    yield* hwDestroyTables(domain);
  },

  syncMap: flushNewEntries,

  sync: flushRange,
};
