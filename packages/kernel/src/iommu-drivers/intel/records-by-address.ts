/**
 * What the driver of 5.10 knows of attachments. It keeps a record of each, and the device points to its record. After
 * an attach that is made while the device is being probed the device has no such pointer: the record is found by the
 * address, and stays, with its context entry, whatever becomes of the device. An attach to another domain is EBUSY, and
 * to free the domain once the device has no IOMMU any more kills the kernel.
 *
 * The effects are recorded (stage/ and hotadd/ on 5.10); that a lost pointer is their cause is inferred.
 * `@kernel dmar_search_domain_by_dev_info`, `domain_add_dev_info`, `__dmar_remove_one_dev_info`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import { clearContexts } from './context';
import { detachDomainId } from './domain-id';
import type { IntelIommu } from './iommu';

/** The record of a device that does not point to it. */
export interface AttachmentRecord {
  readonly device: Device;
  readonly domain: IommuDomain;
}

/** How a driver finds the attachment of a device again. */
export interface Records {
  /** The answer to an attach where the attachment lives on in a record that only the address leads to; else null. */
  attach(instance: IntelIommu, domain: IommuDomain, device: Device): Op<0 | Errno | null>;
  /** The device has been attached while it is being probed. */
  attachedInProbe(instance: IntelIommu, device: Device): Op<void>;
  /** Whether the device's attachment cannot be taken back through the device. */
  isLost(instance: IntelIommu, device: Device): Op<boolean>;
  /** Takes what is left of a domain's attachments back before it is freed. */
  removeOf(instance: IntelIommu, domain: IommuDomain): Op<void>;
}

/** The device always leads to its attachment. Every kernel but 5.10. */
export const RECORDS_BY_DEVICE: Records = {
  *attach() {
    return null;
  },
  *attachedInProbe() {},
  *isLost() {
    return false;
  },
  *removeOf() {},
};

/** 5.10. */
export const RECORDS_BY_ADDRESS: Records = {
  *attach(instance, domain, device) {
    const record = recordOf(yield* instance.records.load(), device);
    if (record === undefined) return null;
    if (record.domain === domain) return 0;
    device.kernel.driverFaults.append(
      `${device.name} cannot leave the domain that it was attached to in its probe`,
    );
    return 'EBUSY';
  },
  *attachedInProbe(instance, device) {
    const domain = yield* device.attachedDomain.load();
    if (domain === null) return;
    const others = (yield* instance.records.load()).filter((record) => !sameAddress(record.device, device));
    yield* instance.records.store([...others, { device, domain }]);
  },
  *isLost(instance, device) {
    return recordOf(yield* instance.records.load(), device) !== undefined;
  },
  removeOf: (instance, domain) => removeRecords(instance, domain),
};

const removeRecords = kernelFunction(
  '__dmar_remove_one_dev_info',
  function* removeRecords(instance: IntelIommu, domain: IommuDomain): Op<void> {
    const records = yield* instance.records.load();
    for (const { device } of records.filter((record) => record.domain === domain)) {
      if ((yield* device.iommu.load()) === null) throw new Error('NULL pointer dereference: dev->iommu');
      yield* instance.lock.lock();
      yield* clearContexts(instance, device);
      if (domain.type !== 'IDENTITY') yield* detachDomainId(instance, domain);
      yield* instance.lock.unlock();
      yield* device.attachedDomain.store(null);
    }
    yield* instance.records.store(records.filter((record) => record.domain !== domain));
  },
);

function recordOf(records: readonly AttachmentRecord[], device: Device): AttachmentRecord | undefined {
  return records.find((record) => sameAddress(record.device, device));
}

function sameAddress(a: Device, b: Device): boolean {
  return a.function_.requesterId === b.function_.requesterId;
}
