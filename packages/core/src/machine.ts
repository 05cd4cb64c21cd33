/**
 * A machine: memory, PCI functions, at most one IOMMU, and the devices that do DMA, with checkpoints over all of it.
 */
import { EduDevice } from './devices/edu';
import { digestOf } from './digest';
import type { PhysicalRange } from './memory/physical-map';
import { PhysicalMemory } from './memory/physical-memory';
import { PciFunction, type PciFunctionDescription } from './pci/function';
import { PciTopology } from './pci/topology';
import type { BehaviourName } from './vtd/behaviour';
import { VtdUnit } from './vtd/unit';

export interface MachineDescription {
  ram: readonly PhysicalRange[];
  tableArenaBytes?: number;
  /** The IOMMU that all functions are behind; null for none. CAP and ECAP as strings, 0x-hexadecimal or decimal. */
  unit: {
    capability: string;
    extendedCapability: string;
    behaviour?: BehaviourName;
    hostAddressBits?: number;
  } | null;
  functions: readonly PciFunctionDescription[];
}

/** A state of a machine that it can go back to; valid until an older one is restored, or it is released. */
export class MachineCheckpoint {
  constructor(
    readonly machine: Machine,
    /** The journal's number for it. */
    readonly id: number,
  ) {}
}

export class Machine {
  readonly memory: PhysicalMemory;
  readonly pci: PciTopology;
  readonly unit: VtdUnit | null;
  readonly #edus = new Map<string, EduDevice>();

  /** TypeError when the description contradicts itself; see `PhysicalMemory`, `PciFunction` and `PciTopology`. */
  constructor(description: MachineDescription) {
    const { ram, tableArenaBytes, unit, functions } = description;
    this.memory = new PhysicalMemory(tableArenaBytes === undefined ? { ram } : { ram, tableArenaBytes });
    const { journal } = this.memory;
    this.unit =
      unit === null
        ? null
        : new VtdUnit(this.memory, {
            ...unit,
            capability: BigInt(unit.capability),
            extendedCapability: BigInt(unit.extendedCapability),
          });
    this.pci = new PciTopology(functions.map((f) => new PciFunction(f, journal)));
    for (const f of this.pci.all) {
      if (f.description.model !== 'edu') continue;
      this.#edus.set(f.address, new EduDevice(f, this.memory, this.unit, this.pci.dmaRequesterId(f)));
    }
  }

  /** The edu device at a PCI address, whether software has it in its tree or not; null if there is none. */
  edu(address: string): EduDevice | null {
    return this.#edus.get(address) ?? null;
  }

  /**
   * Remembers the state of memory, tables, unit, devices and PCI presence. Costs nothing at first; each page of memory
   * or cache is copied when it is first changed afterwards. Page tables made later must not be used after a restore.
   */
  checkpoint(): MachineCheckpoint {
    this.memory.openLanes();
    return new MachineCheckpoint(this, this.memory.journal.open());
  }

  /** Goes back to a checkpoint, which stays valid; newer ones end. TypeError if it is another machine's, or gone. */
  restore(checkpoint: MachineCheckpoint): void {
    this.memory.journal.restore(this.#own(checkpoint).id);
  }

  /** Gives up a checkpoint and all older ones, and the copies kept for them. */
  release(checkpoint: MachineCheckpoint): void {
    this.memory.journal.release(this.#own(checkpoint).id);
  }

  /**
   * A 32-bit hash of all state that later behaviour can depend on, as it differs from the oldest checkpoint that is
   * kept; see digest.ts. Costs what has changed.
   */
  digest(): number {
    return digestOf(this.memory, this.unit);
  }

  #own(checkpoint: MachineCheckpoint): MachineCheckpoint {
    if (checkpoint.machine !== this) throw new TypeError('the checkpoint is of another machine');
    return checkpoint;
  }
}

/** Builds a machine from its description. */
export function createMachine(description: MachineDescription): Machine {
  return new Machine(description);
}
