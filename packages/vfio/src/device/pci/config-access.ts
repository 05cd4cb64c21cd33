/** Reading and writing the configuration region of a vfio-pci device. `@kernel vfio_pci_config_rw` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { hwConfigRead, hwConfigWrite } from '../../pci/config-cycles';
import {
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MEMORY,
} from '../../pci/registers';
import { restoreBars } from './enable';
import type { VfioPciDevice } from './vfio-pci-device';
import { fixupBars, memoryEnabled, ruleOf, takeEnableBits } from './virtual-config';

/** The largest aligned register that starts at `offset` within `left` bytes. */
function chunk(offset: number, left: number): 1 | 2 | 4 {
  if (left >= 4 && offset % 4 === 0) return 4;
  return left >= 2 && offset % 2 === 0 ? 2 : 1;
}

/** Fills `target`. EFAULT: not all of it lies in configuration space. */
export const configRead = kernelFunction(
  'vfio_pci_config_rw',
  function* configRead(device: VfioPciDevice, offset: number, target: Uint8Array): Op<number | Errno> {
    const { space } = device;
    if (offset + target.length > space.lengthBytes) return 'EFAULT';
    let done = 0;
    while (done < target.length) {
      const at = offset + done;
      const size = chunk(at, target.length - done);
      const hardware = yield* hwConfigRead(space, at, size);
      const config = (yield* device.config.load()).slice();
      fixupBars(config, space);
      for (let n = 0; n < size; n++) {
        const { virtual } = ruleOf(space, at + n);
        const ours = (config[at + n] as number) & virtual;
        target[done + n] = ((hardware >>> (n * 8)) & 0xff & ~virtual) | ours;
      }
      done += size;
    }
    return done;
  },
);

/** Takes over `source`. EFAULT: not all of it lies in configuration space. */
export const configWrite = kernelFunction(
  'vfio_pci_config_rw',
  function* configWrite(device: VfioPciDevice, offset: number, source: Uint8Array): Op<number | Errno> {
    if (offset + source.length > device.space.lengthBytes) return 'EFAULT';
    let done = 0;
    while (done < source.length) {
      const at = offset + done;
      const size = chunk(at, source.length - done);
      let value = 0;
      for (let n = 0; n < size; n++) value |= (source[done + n] as number) << (n * 8);
      if (at === PCI_COMMAND) yield* commandWrite(device, size, value >>> 0);
      else yield* registerWrite(device, at, size, value >>> 0);
      done += size;
    }
    return done;
  },
);

/**
 * The command register. A device that was reset behind the user's back gets its BARs again before it is enabled.
 * `@kernel vfio_basic_config_write`
 */
function* commandWrite(device: VfioPciDevice, size: 1 | 2 | 4, value: number): Op<void> {
  yield* device.memoryLock.downWrite();
  const believed = memoryEnabled(yield* device.config.load());
  const real = (yield* hwConfigRead(device.space, PCI_COMMAND, 2)) & (PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
  const wanted = (value & PCI_COMMAND_MEMORY) !== 0;
  if (wanted && believed && (real & PCI_COMMAND_MEMORY) === 0) yield* restoreBars(device);
  yield* registerWrite(device, PCI_COMMAND, size, value);
  const config = (yield* device.config.load()).slice();
  takeEnableBits(config, value);
  yield* device.config.store(config);
  yield* device.memoryLock.upWrite();
  const disabled = ((config[PCI_COMMAND + 1] as number) & (PCI_COMMAND_INTX_DISABLE >> 8)) !== 0;
  yield* device.interrupts.commandDisables(disabled);
}

/** `@kernel vfio_default_config_write` */
function* registerWrite(device: VfioPciDevice, at: number, size: 1 | 2 | 4, value: number): Op<void> {
  const { space } = device;
  const config = (yield* device.config.load()).slice();
  const hardware = yield* hwConfigRead(space, at, size);
  let merged = 0;
  let reachesHardware = false;
  for (let n = 0; n < size; n++) {
    const { virtual, writable } = ruleOf(space, at + n);
    const byte = (value >>> (n * 8)) & 0xff;
    const old = (hardware >>> (n * 8)) & 0xff;
    const ours = virtual & writable;
    const theirs = writable & ~virtual;
    config[at + n] = ((config[at + n] as number) & ~ours) | (byte & ours);
    merged |= ((old & ~theirs) | (byte & theirs)) << (n * 8);
    if (theirs !== 0) reachesHardware = true;
  }
  yield* device.config.store(config);
  if (reachesHardware) yield* hwConfigWrite(space, at, size, merged >>> 0);
}
