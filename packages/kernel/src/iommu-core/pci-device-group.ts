/**
 * Which group a PCI function belongs to: the smallest set that the machine can isolate. Leaves out vendor quirks
 * (they come with the importer of real listings). `@kernel pci_device_group`
 */
import type { PciFunction, PciTopology } from '@iommu-lab/core';

/** ACS controls that a path must enforce: source validation, request and completion redirect, upstream forwarding. */
const REQUIRED_ACS = 0x1d;

/** Finds the group that already holds one of the functions. */
export type GroupLookup<G> = (function_: PciFunction) => G | null;

/** The existing group that `function_` must join, or null for a new one. */
export function findPciGroup<G>(pci: PciTopology, function_: PciFunction, groupOf: GroupLookup<G>): G | null {
  const seen = new Set<PciFunction>();
  let current = function_;
  for (;;) {
    const joined =
      groupOf(current) ?? groupOfAliases(pci, current, groupOf) ?? groupOfSlot(pci, current, groupOf, seen);
    if (joined !== null) return joined;
    const above = pci.bridgeAbove(current);
    if (above === null || isolatesPath(pci, above)) return null;
    current = above;
  }
}

/** Whether this bridge and every one above it redirect peer requests upstream. `@kernel pci_acs_path_enabled` */
function isolatesPath(pci: PciTopology, bridge: PciFunction): boolean {
  for (let at: PciFunction | null = bridge; at !== null; at = pci.bridgeAbove(at)) {
    if (!hasAcs(at)) return false;
  }
  return true;
}

function hasAcs(function_: PciFunction): boolean {
  const acs = function_.description.acs;
  return (
    acs !== undefined && (acs.control & REQUIRED_ACS) === (acs.capability & REQUIRED_ACS) && acs.control !== 0
  );
}

/** A function whose DMA carries another function's id shares that function's group, and with it everyone else behind the alias. */
function groupOfAliases<G>(pci: PciTopology, function_: PciFunction, groupOf: GroupLookup<G>): G | null {
  const aliases = pci.dmaAliases(function_);
  for (const other of pci.functions()) {
    if (other === function_) continue;
    if (!pci.dmaAliases(other).some((id) => aliases.includes(id))) continue;
    const group = groupOf(other);
    if (group !== null) return group;
  }
  return null;
}

/** Functions of one multifunction slot without ACS can reach each other inside the device. */
function groupOfSlot<G>(
  pci: PciTopology,
  function_: PciFunction,
  groupOf: GroupLookup<G>,
  seen: Set<PciFunction>,
): G | null {
  seen.add(function_);
  if (function_.description.multifunction !== true || hasAcs(function_)) return null;
  for (const other of pci.functions()) {
    const sameSlot = other.bus === function_.bus && other.devfn >> 3 === function_.devfn >> 3;
    if (!sameSlot || seen.has(other) || other.segment !== function_.segment || hasAcs(other)) continue;
    const group = groupOf(other) ?? groupOfSlot(pci, other, groupOf, seen);
    if (group !== null) return group;
  }
  return null;
}
