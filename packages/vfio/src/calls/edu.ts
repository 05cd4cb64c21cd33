/**
 * DMA of the edu device, started by the program through a mapping of its BAR0, as the recorder did; without a mapping
 * through the device's descriptor.
 */
import {
  addressOf,
  EDU_BUFFER_START,
  EDU_COMMAND,
  EDU_REGISTER,
  faultReasonText,
  hex,
  type VtdFault,
} from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import { type Errno, hw } from '@iommu-lab/kernel';
import { DeviceFile } from '../device/device-file';
import { sysPwrite } from '../syscall/descriptors';
import { userMmioStore } from '../syscall/device-memory';
import type { Task } from '../task/task';
import { NOTHING, type Out, type UserCall } from './user-call';

/** The device by an open descriptor, or by its label where it is driven through sysfs. */
export type EduHandle = { readonly fd: number } | { readonly dev: string };

/** The device reads `length` bytes of memory from `iova` into its buffer. Out: done, faults. */
export function eduRead(handle: EduHandle, iova: bigint, length: number): UserCall {
  return eduTransfer('edu.dma_read', handle, iova, EDU_BUFFER_START, length, EDU_COMMAND.START);
}

/** The device writes `length` bytes of its buffer to `iova`. Out: done, faults. */
export function eduWrite(handle: EduHandle, iova: bigint, length: number): UserCall {
  const command = EDU_COMMAND.START | EDU_COMMAND.TO_MEMORY;
  return eduTransfer('edu.dma_write', handle, EDU_BUFFER_START, iova, length, command);
}

function eduTransfer(
  name: string,
  handle: EduHandle,
  source: bigint,
  destination: bigint,
  length: number,
  command: bigint,
): UserCall {
  let out: Out = NOTHING;
  return {
    name,
    *run(task: Task): Op<number | Errno> {
      const address = addressOfDevice(task, handle);
      if (address === null) return 'EBADF';
      const store = storeThrough(task, handle, address);
      if (store === null) return 'EFAULT';
      const writes: [number, bigint][] = [
        [EDU_REGISTER.DMA_SOURCE, source],
        [EDU_REGISTER.DMA_DESTINATION, destination],
        [EDU_REGISTER.DMA_COUNT, BigInt(length)],
        [EDU_REGISTER.DMA_COMMAND, command],
      ];
      for (const [register, value] of writes) {
        const refused = yield* store(register, value);
        if (refused !== 0) return refused;
      }
      const { kernel } = task.system;
      const done = hw.transferIsDone(kernel, address);
      const faults = kernel.iommu === null ? [] : yield* hw.hwTakeFaults(kernel.iommu);
      out = { done, faults: faults.map(describeFault) };
      return 0;
    },
    out: () => out,
  };
}

function addressOfDevice(task: Task, handle: EduHandle): string | null {
  if ('dev' in handle) return task.system.kernel.findDevice(handle.dev)?.name ?? null;
  const file = task.files.atInStep(handle.fd);
  return file instanceof DeviceFile ? file.device.device.name : null;
}

type Store = (register: number, value: bigint) => Op<0 | Errno>;

/** Stores through a mapping of the device's BAR0, or by pwrite; null without either. */
function storeThrough(task: Task, handle: EduHandle, address: string): Store | null {
  const area = task.mm.areas.find(
    (candidate) => candidate.device?.function === address && candidate.device.barOffset === 0,
  );
  if (area !== undefined) {
    const base = addressOf(area.firstPage);
    return function* store(register: number, value: bigint): Op<0 | Errno> {
      const signal = yield* userMmioStore(task, base + BigInt(register), 8, value);
      return signal === 0 ? 0 : 'EFAULT';
    };
  }
  if ('dev' in handle) return null;
  return function* store(register: number, value: bigint): Op<0 | Errno> {
    // A 4-byte write sets the whole register: addresses above 4 GiB need a mapping.
    if (value >> 32n !== 0n) return 'EFAULT';
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, Number(value), true);
    const answer = yield* sysPwrite(task, handle.fd, bytes, BigInt(register));
    return typeof answer === 'string' ? answer : 0;
  };
}

/** As the kernel's log names it: the requester without its segment, the page's address. */
function describeFault(fault: VtdFault): Out {
  const { requesterId } = fault;
  const part = (value: number) => value.toString(16).padStart(2, '0');
  return {
    access: fault.access,
    dev: `${part(requesterId >> 8)}:${part((requesterId >> 3) & 0x1f)}.${requesterId & 7}`,
    addr: hex(addressOf(fault.iovaPage)),
    reason: faultReasonText(fault.reason),
  };
}
