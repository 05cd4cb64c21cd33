/** Module parameters that can be written. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { VfioKernel } from '../vfio-kernel';

/** ENOENT: no such parameter. EINVAL: not a value of its type. `@kernel param_attr_store` */
export function* sysfsWriteParameter(system: VfioKernel, name: string, value: string): Op<0 | Errno> {
  const { kernel } = system;
  const current = kernel.parameter(name);
  if (current === null) return 'ENOENT';
  if (typeof current === 'number') {
    if (!/^[0-9]+$/.test(value)) return 'EINVAL';
    kernel.setParameter(name, Number(value));
    return 0;
  }
  if (!/^[01yYnN]/.test(value)) return 'EINVAL';
  kernel.setParameter(name, /^[1yY]/.test(value) ? 'Y' : 'N');
  return 0;
}
