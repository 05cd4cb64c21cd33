/** sysfs, as a root shell uses it. Each verb is one kernel call; one that has to wait answers `blocked`. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { type Answer, toAnswer } from '../answer';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';
import { sysfsConfigRead, sysfsConfigWrite, sysfsMapBar } from './config';
import { type DeviceDescription, sysfsDescribe } from './describe-device';
import { sysfsBind, sysfsUnbind } from './drivers';
import { sysfsRemove, sysfsRescan } from './hotplug';
import { sysfsWriteParameter } from './parameters';

export class Sysfs {
  constructor(
    private readonly system: VfioKernel,
    /** On whose behalf it runs. */
    readonly shell: Task,
  ) {}

  bind(device: string, driver: string): Answer {
    return this.#run('sysfs.bind', () => sysfsBind(this.system, device, driver));
  }

  unbind(device: string): Answer {
    return this.#run('sysfs.unbind', () => sysfsUnbind(this.system, device));
  }

  remove(device: string): Answer {
    return this.#run('sysfs.remove', () => sysfsRemove(this.system, device));
  }

  rescan(): Answer {
    return this.#run('sysfs.rescan', () => sysfsRescan(this.system));
  }

  writeParameter(name: string, value: string): Answer {
    return this.#run('param.write', () => sysfsWriteParameter(this.system, name, value));
  }

  /** `ret` is the register's value. */
  configRead(device: string, offset: number, sizeBytes: 1 | 2 | 4): Answer {
    return this.#run('sysfs.config.read', () => sysfsConfigRead(this.system, device, offset, sizeBytes));
  }

  configWrite(device: string, offset: number, sizeBytes: 1 | 2 | 4, value: number): Answer {
    return this.#run('sysfs.config.write', () =>
      sysfsConfigWrite(this.system, device, offset, sizeBytes, value),
    );
  }

  /** Maps BAR0 into the memory of `task`. */
  mapBar(task: Task, device: string, vaddr: bigint, lengthBytes: bigint): Answer {
    const body = () => sysfsMapBar(task, device, vaddr, lengthBytes);
    return toAnswer(this.system.kernel.call('sysfs.bar.mmap', body, task));
  }

  /** What sysfs shows of a device, or ENOENT. */
  describe(device: string): DeviceDescription | Errno {
    const result = this.system.kernel.call('sysfs', () => sysfsDescribe(this.system, device), this.shell);
    return result.status === 'returned' ? result.value : 'ENOENT';
  }

  /** The driver of a device as the link shows it, `none` without one or without the device. */
  driverOf(device: string): string {
    return this.system.kernel.findDevice(device)?.driver.value?.name ?? 'none';
  }

  isPresent(device: string): boolean {
    return this.system.kernel.findDevice(device) !== null;
  }

  #run(name: string, body: () => Op<number | Errno>): Answer {
    return toAnswer(this.system.kernel.call(name, body, this.shell));
  }
}
