/**
 * The register file of a unit: storage, widths, and what a write to each register does to the rest of the unit.
 *
 * Registers are addressed by byte offset. 64-bit registers take 64-bit accesses at their offset; their upper half also
 * answers as a 32-bit register at offset + 4.
 */
import { hex, highWord, joinWords, lowWord } from '../address';
import type { TrackedWords } from '../memory/tracked-words';
import type { Capability } from './capability';
import { FAULT_STATUS, GLOBAL, REGISTER } from './registers';

/** What the register file calls when a write means more than storage. */
export interface RegisterEffects {
  globalCommand(value: number): void;
  queueTail(): void;
  faultRecordControl(word: number, value: number): boolean;
  contextCommand(low: number, high: number): void;
  iotlbCommand(low: number, high: number, addressLow: number, addressHigh: number): void;
}

const WIDE: ReadonlySet<number> = new Set([
  REGISTER.CAP,
  REGISTER.ECAP,
  REGISTER.RTADDR,
  REGISTER.CCMD,
  REGISTER.IQH,
  REGISTER.IQT,
  REGISTER.IQA,
  REGISTER.IRTA,
]);

/** Registers that software may simply set. */
const PLAIN: ReadonlySet<number> = new Set([
  REGISTER.RTADDR,
  REGISTER.RTADDR + 4,
  REGISTER.FECTL,
  REGISTER.FEDATA,
  REGISTER.FEADDR,
  REGISTER.FEUADDR,
  REGISTER.IQA,
  REGISTER.IQA + 4,
  REGISTER.IECTL,
  REGISTER.IEDATA,
  REGISTER.IEADDR,
  REGISTER.IEUADDR,
  REGISTER.IRTA,
  REGISTER.IRTA + 4,
]);

/** Top bit of CCMD and IOTLB: go, and cleared when done. */
const COMMAND_GO = 1 << 31;

export class RegisterFile {
  constructor(
    readonly storage: TrackedWords,
    readonly capability: Capability,
    readonly effects: RegisterEffects,
  ) {}

  /** Bytes that the registers take. */
  get lengthBytes(): number {
    return this.storage.words.length * 4;
  }

  #isWide(offset: number): boolean {
    const { faultRecordOffset, faultRecords, iotlbOffset } = this.capability;
    const record = offset - faultRecordOffset;
    if (record >= 0 && record < faultRecords * 16) return record % 8 === 0;
    return WIDE.has(offset) || offset === iotlbOffset || offset === iotlbOffset + 8;
  }

  /** The register at a byte offset, in its own width. TypeError outside of the file or off a 4-byte boundary. */
  read(offset: number): bigint {
    const word = this.#word(offset);
    const low = this.storage.words[word] as number;
    return this.#isWide(offset) ? joinWords(low, this.storage.words[word + 1] as number) : joinWords(low, 0);
  }

  /** Writes the register at a byte offset, in its own width; read-only bits and registers keep their value. */
  write(offset: number, value: bigint): void {
    this.#word(offset);
    if (!this.#isWide(offset)) {
      this.#writeWord(offset, lowWord(value));
      return;
    }
    // The upper half first: the lower half of IQT acts, the upper one of CCMD and IOTLB does.
    const { iotlbOffset } = this.capability;
    const lastIsUpper = offset === REGISTER.CCMD || offset === iotlbOffset + 8;
    if (lastIsUpper) this.#writeWord(offset, lowWord(value));
    this.#writeWord(offset + 4, highWord(value));
    if (!lastIsUpper) this.#writeWord(offset, lowWord(value));
  }

  #word(offset: number): number {
    if (!(Number.isInteger(offset) && offset >= 0 && offset % 4 === 0 && offset < this.lengthBytes)) {
      throw new TypeError(
        `register offset ${hex(offset)} is not a multiple of 4 below ${hex(this.lengthBytes)}`,
      );
    }
    return offset / 4;
  }

  #writeWord(offset: number, value: number): void {
    const { storage, effects } = this;
    const word = offset / 4;
    const commandOffset = this.capability.iotlbOffset + 8;
    if (effects.faultRecordControl(word, value)) return;
    if (
      PLAIN.has(offset) ||
      offset === REGISTER.CCMD ||
      (offset & ~4) === commandOffset - 8 ||
      offset === commandOffset
    ) {
      storage.set(word, value);
    } else if (offset === REGISTER.GCMD) effects.globalCommand(value);
    else if (offset === REGISTER.IQT) {
      storage.set(word, value & 0x7fff0);
      effects.queueTail();
    } else if (offset === REGISTER.FSTS) this.#clearStatus(value);
    else if (offset === REGISTER.ICS) storage.set(word, (storage.words[word] as number) & ~(value & 1));
    else if (offset === REGISTER.CCMD + 4) this.#command(word, value, 0);
    else if (offset === commandOffset + 4) this.#command(word, value, 1);
  }

  /** Status flags are cleared by writing 1; "pending" follows the records. */
  #clearStatus(value: number): void {
    const word = REGISTER.FSTS / 4;
    const clear = value & (FAULT_STATUS.OVERFLOW | FAULT_STATUS.QUEUE_ERROR);
    this.storage.set(word, (this.storage.words[word] as number) & ~clear);
  }

  /** Register-based invalidation, refused (nothing happens) while the queue is on. `which`: 0 context, 1 IOTLB. */
  #command(word: number, value: number, which: 0 | 1): void {
    const { storage, effects } = this;
    storage.set(word, value & ~COMMAND_GO);
    const queueOn = ((storage.words[REGISTER.GSTS / 4] as number) & GLOBAL.QUEUED_INVALIDATION) !== 0;
    if (value >= 0 || queueOn) return;
    const low = storage.words[word - 1] as number;
    if (which === 0) effects.contextCommand(low, value);
    else
      effects.iotlbCommand(low, value, storage.words[word - 3] as number, storage.words[word - 2] as number);
  }
}
