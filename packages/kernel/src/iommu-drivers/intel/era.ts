/** What Linux's VT-d driver does differently from kernel to kernel. */
import { RECORDS_BY_ADDRESS, RECORDS_BY_DEVICE, type Records } from './records-by-address';

export interface IntelEra {
  /** Up to 6.12 the driver sets the read bit in every leaf: a write-only mapping can be read. 7.2 does not (recorded). */
  readonly writeOnlyReadable: boolean;
  /** From 6.7 on there is a static blocked domain, a cleared context entry; before, the core uses an empty domain. */
  readonly blockedDomain: boolean;
  /**
   * The id under which the cached context entry of an alias is dropped when it is cleared. 6.12 uses the device's
   * own id, so that the alias's cached entry stays (seen in recordings of devices behind a PCIe-to-PCI bridge); 7.2
   * does not (recorded).
   */
  readonly clearInvalidates: 'alias' | 'device';
  /** The page sizes that a domain claims, where these are not what its tables have: 5.10 claims every one (recorded). */
  readonly pageSizes: bigint | null;
  /** How the attachment of a device is found again. */
  readonly records: Records;
}

export const INTEL_5_10: IntelEra = {
  writeOnlyReadable: true,
  blockedDomain: false,
  clearInvalidates: 'alias',
  pageSizes: 0xffff_ffff_ffff_f000n,
  records: RECORDS_BY_ADDRESS,
};

/** Read, not recorded. */
export const INTEL_2022_02: IntelEra = {
  writeOnlyReadable: true,
  blockedDomain: false,
  clearInvalidates: 'alias',
  pageSizes: null,
  records: RECORDS_BY_DEVICE,
};

export const INTEL_6_1: IntelEra = {
  writeOnlyReadable: true,
  blockedDomain: false,
  clearInvalidates: 'alias',
  pageSizes: null,
  records: RECORDS_BY_DEVICE,
};
export const INTEL_6_12: IntelEra = {
  writeOnlyReadable: true,
  blockedDomain: true,
  clearInvalidates: 'device',
  pageSizes: null,
  records: RECORDS_BY_DEVICE,
};
export const INTEL_7_2: IntelEra = {
  writeOnlyReadable: false,
  blockedDomain: true,
  clearInvalidates: 'alias',
  pageSizes: null,
  records: RECORDS_BY_DEVICE,
};
