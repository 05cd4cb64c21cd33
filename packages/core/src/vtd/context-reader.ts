/**
 * Reads root and context entries from memory as a unit does (VT-d specification, "Context Entry" walk).
 */
import { pageOfWords } from '../address';
import type { PhysicalMemory } from '../memory/physical-memory';
import { MachinePart, Touch } from '../memory/watcher';
import type { Capability } from './capability';
import type { ContextCache } from './context-cache';
import { FAULT_REASON } from './fault-reason';
import { TRANSLATION_DEVICE_TLB, TRANSLATION_MULTI_LEVEL, TRANSLATION_PASS_THROUGH } from './structures';

const ROOT_RESERVED_LOW = 0xffe;
const CONTEXT_RESERVED_LOW = 0xff0;
/** Bit 7 and, in the low word of the high half, everything above the domain id. */
const CONTEXT_RESERVED_HIGH = 0xff000080 | 0;

/** Bits of an entry's second word that lie between the host address width and bit 63. */
function beyondWidth(bits: number): number {
  return bits >= 64 ? 0 : ~(2 ** Math.max(0, bits - 32) - 1);
}

export class ContextReader {
  readonly #addressMask: number;
  readonly #domainMask: number;

  constructor(
    readonly memory: PhysicalMemory,
    readonly capability: Capability,
    hostAddressBits: number,
  ) {
    this.#addressMask = beyondWidth(hostAddressBits);
    this.#domainMask = ~((capability.domainIds - 1) << 8) & 0xffff00;
  }

  /**
   * Reads the entry of a requester into the fields of `into`; 0 or the fault reason. What a failure leaves unread is 0:
   * the fields may be kept, and what is kept must not depend on the access before.
   */
  read(rootPage: number, requesterId: number, into: ContextCache): number {
    into.faultDisable = false;
    into.domainId = 0;
    into.addressWidth = 0;
    into.translationType = 0;
    into.tablePage = 0;
    const { memory } = this;
    const bus = requesterId >>> 8;
    memory.watcher?.touch(MachinePart.CONTEXT_ENTRY, requesterId, 0, Touch.READ);
    if (!memory.loadEntry(rootPage, bus * 2)) return FAULT_REASON.ROOT_TABLE_UNREADABLE;
    const low = memory.loadedLow;
    const high = memory.loadedHigh;
    memory.loadEntry(rootPage, bus * 2 + 1);
    if ((low & 1) === 0) return FAULT_REASON.ROOT_ENTRY_ABSENT;
    const upperHalf = memory.loadedLow | memory.loadedHigh;
    if (upperHalf !== 0 || (low & ROOT_RESERVED_LOW) !== 0 || (high & this.#addressMask) !== 0) {
      return FAULT_REASON.ROOT_ENTRY_RESERVED;
    }
    const tablePage = pageOfWords(low, high);
    return this.#readContext(tablePage, requesterId & 0xff, into);
  }

  #readContext(page: number, devfn: number, into: ContextCache): number {
    const { memory } = this;
    if (!memory.loadEntry(page, devfn * 2)) return FAULT_REASON.CONTEXT_TABLE_UNREADABLE;
    const low = memory.loadedLow;
    const high = memory.loadedHigh;
    memory.loadEntry(page, devfn * 2 + 1);
    const highLow = memory.loadedLow;
    const highHigh = memory.loadedHigh;
    if ((low & 1) === 0) return FAULT_REASON.CONTEXT_ENTRY_ABSENT;
    into.faultDisable = (low & 2) !== 0;
    if ((low & CONTEXT_RESERVED_LOW) !== 0 || (high & this.#addressMask) !== 0) {
      return FAULT_REASON.CONTEXT_ENTRY_RESERVED;
    }
    if ((highLow & (CONTEXT_RESERVED_HIGH | this.#domainMask)) !== 0 || highHigh !== 0) {
      return FAULT_REASON.CONTEXT_ENTRY_RESERVED;
    }
    into.domainId = (highLow >>> 8) & 0xffff;
    into.addressWidth = highLow & 7;
    into.translationType = (low >>> 2) & 3;
    into.tablePage = pageOfWords(low, high);
    const supported = (this.capability.addressWidths & (1 << into.addressWidth)) !== 0;
    return supported && this.#typeAllowed(into.translationType) ? 0 : FAULT_REASON.CONTEXT_ENTRY_INVALID;
  }

  #typeAllowed(type: number): boolean {
    if (type === TRANSLATION_MULTI_LEVEL) return true;
    if (type === TRANSLATION_DEVICE_TLB) return this.capability.deviceTlb;
    return type === TRANSLATION_PASS_THROUGH && this.capability.passThrough;
  }
}
