/** What a kernel is booted with: the part of a profile that the kernel model reads. */
import type { MachineDescription } from '@iommu-lab/core';
import type { EraId } from './era';

export interface KernelConfig {
  readonly era: EraId;
  readonly machine: MachineDescription;
  /** Group number by label of a member, where one was recorded. */
  readonly groups: Readonly<Record<string, number>>;
  readonly defaultDomain: 'dma' | 'identity';
  readonly interruptRemapping: boolean;
  /** Buses and IOMMU drivers that are loadable modules; all others are built in. */
  readonly modules: readonly string[];
  /** Module parameters by `module.parameter`. */
  readonly moduleParameters: Readonly<Record<string, string | number>>;
}
