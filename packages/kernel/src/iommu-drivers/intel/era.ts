/** What Linux's VT-d driver does differently from kernel to kernel. */

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
}

export const INTEL_6_1: IntelEra = {
  writeOnlyReadable: true,
  blockedDomain: false,
  clearInvalidates: 'alias',
};
export const INTEL_6_12: IntelEra = {
  writeOnlyReadable: true,
  blockedDomain: true,
  clearInvalidates: 'device',
};
export const INTEL_7_2: IntelEra = {
  writeOnlyReadable: false,
  blockedDomain: true,
  clearInvalidates: 'alias',
};
