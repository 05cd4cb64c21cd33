/**
 * The PCI functions of a machine, the buses between them, and the requester ids that their DMA carries.
 *
 * The scan order is Linux's: the functions of a bus by devfn, then what lies behind each of its bridges
 * (`@kernel pci_scan_child_bus`). Left out: resource assignment, SR-IOV, and slots that are empty at the start.
 */
import { requesterIdOf } from './address';
import type { PciFunction } from './function';

export class PciTopology {
  /** Every function, present or not, in scan order. */
  readonly all: readonly PciFunction[];

  /** TypeError when two functions share an address, or a bus that is not a root has no bridge. */
  constructor(functions: readonly PciFunction[]) {
    const sorted = [...functions].sort((a, b) => a.segment - b.segment || a.requesterId - b.requesterId);
    sorted.forEach((f, i) => {
      if (sorted[i + 1]?.address === f.address) throw new TypeError(`two functions at ${f.address}`);
    });
    this.all = scanOrder(sorted);
    if (this.all.length !== sorted.length) {
      const lost = sorted.find((f) => !this.all.includes(f));
      throw new TypeError(`no bus leads to ${lost?.address}: the secondary buses of bridges form a loop`);
    }
  }

  /** The present functions in scan order. */
  functions(): PciFunction[] {
    return this.all.filter((f) => f.present);
  }

  /** The present function at an address, or null. */
  find(address: string): PciFunction | null {
    return this.all.find((f) => f.present && f.address === address) ?? null;
  }

  /** The bridge or port whose secondary bus a function is on; null on a root bus. */
  bridgeAbove(f: PciFunction): PciFunction | null {
    return (
      this.all.find((b) => b.segment === f.segment && b.isBridge && b.description.secondaryBus === f.bus) ??
      null
    );
  }

  /** The present functions behind a bridge, at any depth, in scan order. */
  below(f: PciFunction): PciFunction[] {
    return this.all.filter((other) => other.present && other !== f && this.#isBehind(other, f));
  }

  /**
   * The requester ids that a DMA of `f` may carry: its own, then those that bridges on the way put in its place.
   * @kernel pci_for_each_dma_alias
   */
  dmaAliases(f: PciFunction): number[] {
    const aliases = [f.requesterId];
    for (let bridge = this.bridgeAbove(f); bridge !== null; bridge = this.bridgeAbove(bridge)) {
      const { kind, secondaryBus } = bridge.description;
      if (kind !== 'pcie-to-pci-bridge') continue;
      // A PCIe-to-PCI bridge answers for its secondary bus with devfn 0; a conventional one with its own id.
      aliases.push(bridge.isExpress ? requesterIdOf(secondaryBus as number, 0) : bridge.requesterId);
    }
    return aliases;
  }

  /** The id that the IOMMU sees: the last alias, put there by the bridge nearest to it. */
  dmaRequesterId(f: PciFunction): number {
    return this.dmaAliases(f).at(-1) as number;
  }

  /** Takes a function, and everything behind it, out of software's tree. */
  remove(f: PciFunction): void {
    for (const other of this.below(f)) other.present = false;
    f.present = false;
  }

  /** Scans all buses: the functions that came back, in scan order. */
  rescan(): PciFunction[] {
    const back = this.all.filter((f) => !f.present);
    for (const f of back) f.present = true;
    return back;
  }

  #isBehind(f: PciFunction, bridge: PciFunction): boolean {
    for (let above = this.bridgeAbove(f); above !== null; above = this.bridgeAbove(above)) {
      if (above === bridge) return true;
    }
    return false;
  }
}

/** `sorted` (by segment, bus, devfn) in the order of a scan from the root buses. */
function scanOrder(sorted: readonly PciFunction[]): PciFunction[] {
  const key = (segment: number, bus: number): string => `${segment}:${bus}`;
  const behind = new Set(
    sorted.filter((f) => f.isBridge).map((f) => key(f.segment, f.description.secondaryBus as number)),
  );
  const order: PciFunction[] = [];
  const visited = new Set<string>();
  const scanBus = (segment: number, bus: number): void => {
    if (visited.has(key(segment, bus))) return;
    visited.add(key(segment, bus));
    const here = sorted.filter((f) => f.segment === segment && f.bus === bus);
    order.push(...here);
    for (const f of here) if (f.isBridge) scanBus(segment, f.description.secondaryBus as number);
  };
  for (const f of sorted) if (!behind.has(key(f.segment, f.bus))) scanBus(f.segment, f.bus);
  return order;
}
