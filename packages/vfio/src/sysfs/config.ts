/** Reaching a PCI function past its driver: configuration space and BAR0 through sysfs. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { hwConfigRead, hwConfigWrite } from '../pci/config-cycles';
import { changeMappings } from '../syscall/mappings';
import { mapStep } from '../task/mapping-steps';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';
import { withDevice } from './drivers';

/** The register's value. ENOENT. `@kernel pci_read_config` */
export function* sysfsConfigRead(
  system: VfioKernel,
  name: string,
  offset: number,
  sizeBytes: 1 | 2 | 4,
): Op<number | Errno> {
  return yield* withDevice(system, name, function* read(device): Op<number> {
    return yield* hwConfigRead(system.hardware.configSpace(device.function_), offset, sizeBytes);
  });
}

/** The bytes written. ENOENT. What vfio shows a user of the register does not change. `@kernel pci_write_config` */
export function* sysfsConfigWrite(
  system: VfioKernel,
  name: string,
  offset: number,
  sizeBytes: 1 | 2 | 4,
  value: number,
): Op<number | Errno> {
  return yield* withDevice(system, name, function* write(device): Op<number> {
    yield* hwConfigWrite(system.hardware.configSpace(device.function_), offset, sizeBytes, value);
    return sizeBytes;
  });
}

/** Maps the start of BAR0 into the task's memory. ENOENT; EINVAL: no BAR, or less than asked for. `@kernel pci_mmap_resource` */
export function* sysfsMapBar(task: Task, name: string, vaddr: bigint, lengthBytes: bigint): Op<0 | Errno> {
  return yield* withDevice(task.system, name, function* map(device): Op<0 | Errno> {
    const bar0 = device.function_.description.bar0;
    if (bar0 === undefined || lengthBytes > BigInt(bar0.lengthBytes)) return 'EINVAL';
    const area = {
      firstPage: Number(vaddr >> 12n),
      pages: Number((lengthBytes + 4095n) / 4096n),
      readable: true,
      writable: true,
      hugePages: false,
      device: {
        file: null,
        function: device.function_.address,
        physicalPage: Number(BigInt(bar0.physical) >> 12n),
        barOffset: 0,
        // Past the driver nothing checks whether memory space is on: without it the bus answers all ones.
        enabled: () => true,
        declareEnabled: () => {},
      },
    };
    return yield* changeMappings(task.mm, addArea(task, area));
  });
}

function* addArea(task: Task, area: Parameters<typeof mapStep>[1]): Op<0> {
  yield* mapStep(task.mm, area);
  return 0;
}
