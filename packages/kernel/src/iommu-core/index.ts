/** What the designs share in Linux, once. Each API package re-exports what its style uses. */
export {
  attachGroupLocked,
  iommuAttachGroup,
  iommuDetachGroup,
  setCoreDomain,
  setGroupDomain,
} from './attach-group';
export { deviceIommuCapable, iommuCapable, iommuDomainCapable } from './capable';
export { iommuGroupClaimDmaOwner, iommuGroupDmaOwnerClaimed, iommuGroupReleaseDmaOwner } from './claim';
export { iommuDomainAlloc, iommuDomainFree, iommuPagingDomainAlloc } from './domain-alloc';
export { allocPaging } from './driver-call';
export { iommuGroupForEachDev } from './group-iterator';
export type { GroupEvent, GroupListener } from './group-listeners';
export { iommuGroupGet, iommuGroupPut } from './group-reference';
export {
  iommuContiguousPages,
  iommuIotlbSync,
  iommuIovaToPhys,
  iommuMap,
  iommuUnmap,
  iommuUnmapFast,
} from './map';
export { deviceReservedRegions, iommuGetGroupReservedRegions } from './reserved-regions';
