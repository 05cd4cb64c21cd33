/**
 * One PCI function of the machine: what it is, where it is, and whether software has it in its tree.
 *
 * Left out: configuration space as behaviour. A description may carry its bytes for software to read.
 */
import { mix } from '../memory/hash';
import type { Journal, Journalled } from '../memory/journal';
import { formatPciAddress, parsePciAddress, requesterIdOf } from './address';

export type PciKind =
  | 'endpoint'
  | 'root-port'
  | 'pcie-to-pci-bridge'
  | 'switch-upstream'
  | 'switch-downstream'
  | 'host-bridge'
  | 'integrated-endpoint';

export interface PciFunctionDescription {
  address: string;
  kind: PciKind;
  /** No Express capability. */
  conventional?: boolean;
  /** Bridges and ports: the bus behind. */
  secondaryBus?: number;
  /** The multifunction bit of the header type. */
  multifunction?: boolean;
  /** The ACS capability and control registers; left out: no ACS. */
  acs?: { capability: number; control: number };
  /** The endpoint model that drives it. */
  model?: 'edu';
  vendorId?: number;
  deviceId?: number;
  classCode?: number;
  /** The first bytes of configuration space, in hexadecimal. */
  config?: string;
  /** A label for people and traces. */
  name?: string;
  bar0?: { physical: string; lengthBytes: number };
}

export class PciFunction implements Journalled {
  journalStamp = 0;
  /** The full address, `0000:04:01.0`. */
  readonly address: string;
  readonly segment: number;
  readonly bus: number;
  readonly devfn: number;
  /** The id that its own transactions carry before any bridge replaces it. */
  readonly requesterId: number;
  #present = true;

  /** TypeError for a malformed address, or a bridge without a secondary bus. */
  constructor(
    readonly description: PciFunctionDescription,
    readonly journal: Journal,
  ) {
    const parsed = parsePciAddress(description.address);
    this.address = formatPciAddress(parsed);
    this.segment = parsed.segment;
    this.bus = parsed.bus;
    this.devfn = parsed.devfn;
    this.requesterId = requesterIdOf(parsed.bus, parsed.devfn);
    if (this.isBridge && description.secondaryBus === undefined) {
      throw new TypeError(`${this.address} is a ${description.kind}: give its secondaryBus`);
    }
  }

  /** Whether a bus lies behind it. */
  get isBridge(): boolean {
    const { kind } = this.description;
    return kind !== 'endpoint' && kind !== 'integrated-endpoint' && kind !== 'host-bridge';
  }

  /** Whether it has an Express capability. */
  get isExpress(): boolean {
    return this.description.conventional !== true;
  }

  /** Whether software has it in its device tree: false between a removal and the next rescan. */
  get present(): boolean {
    return this.#present;
  }
  set present(value: boolean) {
    if (this.journalStamp !== this.journal.stamp) this.journal.saveObject(this);
    this.#present = value;
  }

  saveState(): unknown {
    return this.#present;
  }
  restoreState(state: unknown): void {
    this.#present = state as boolean;
  }
  hashState(state: unknown): number {
    return mix(mix(mix(1, this.segment), this.requesterId), state === true ? 1 : 0);
  }
}
