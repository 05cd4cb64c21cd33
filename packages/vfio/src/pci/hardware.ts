/** The PCI side of the machine as drivers use it: configuration spaces, and who is reset together. */
import type { PciFunction } from '@iommu-lab/core';
import { AccessKind } from '@iommu-lab/explorer';
import type { Kernel } from '@iommu-lab/kernel';
import { PciConfigSpace } from './config-space';

export class PciHardware {
  readonly #spaces = new Map<string, PciConfigSpace>();

  constructor(private readonly kernel: Kernel) {
    for (const function_ of kernel.machine.pci.all) {
      this.#spaces.set(function_.address, new PciConfigSpace(kernel, function_));
    }
  }

  /** Precondition: the function is one of the machine's. */
  configSpace(function_: PciFunction): PciConfigSpace {
    return this.#spaces.get(function_.address) as PciConfigSpace;
  }

  /**
   * The present functions on the function's bus and below it, in the order of a walk, as part of the
   * running step. `@kernel pci_walk_bus`
   */
  onBusOf(function_: PciFunction): PciFunction[] {
    const pci = this.kernel.presentFunctions(AccessKind.READ);
    const onBus = pci.functions().filter((other) => sameBus(other, function_));
    return onBus.flatMap((other) => [other, ...(other.isBridge ? pci.below(other) : [])]);
  }

  /** Whether the function's bus can be reset: there is a bridge that can do it. `@kernel pci_probe_reset_bus` */
  busCanReset(function_: PciFunction): boolean {
    return this.kernel.machine.pci.bridgeAbove(function_) !== null;
  }

  /**
   * Whether the function can be reset by itself. None of the modelled functions has a reset of its own, so its bus
   * must be, and it must be alone there. `@kernel pci_reset_function`, `pci_parent_bus_reset`
   */
  functionCanReset(function_: PciFunction): boolean {
    return this.busCanReset(function_) && !function_.isBridge && this.onBusOf(function_).length === 1;
  }
}

function sameBus(a: PciFunction, b: PciFunction): boolean {
  return a.segment === b.segment && a.bus === b.bus;
}
