/** /dev/null: a file that is none of VFIO's. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno, Kernel } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { OpenFile } from './open-file';

export class NullFile extends OpenFile {
  constructor(kernel: Kernel) {
    super(kernel, 'file.null');
  }

  override *ioctl(): Op<number | Errno> {
    return 'ENOTTY';
  }

  override *read(): Op<number | Errno> {
    return 0;
  }

  override *write(_task: Task, source: Uint8Array): Op<number | Errno> {
    return source.length;
  }

  override *release(): Op<void> {}
}
