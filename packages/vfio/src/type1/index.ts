/** type1: the IOMMU backend of VFIO's containers over the domain port of any design. */
export { Type1Backend, type1BackendType } from './backend';
export type { EmulatedDevice } from './emulated-device';
export { TYPE1_6_1, TYPE1_6_12, type Type1Era } from './era';
export * from './uapi';
