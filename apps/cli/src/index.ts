/**
 * iommu-lab as a library: the jobs of the command as functions. Whoever writes a variant takes the contract from
 * `@iommu-lab/kernel` and the suite from `@iommu-lab/conformance`.
 */
export {
  type CompareOptions,
  type Comparison,
  type Conformance,
  type ConformOptions,
  compare,
  conform,
  type ExploreOptions,
  exploreAll,
  findVariant,
  type ReplayedToken,
  type ReplayOptions,
  replayToken,
  VARIANTS,
} from '@iommu-lab/comparison';
export { type ExploreReport, InputError, type Results, type VerifyReport } from '@iommu-lab/conformance';
export type { Variant } from '@iommu-lab/kernel';
