/**
 * The primary fault log: fault recording registers and the fault status register (VT-d specification, "Non-Recoverable
 * Faults"). A ring of CAP.NFR + 1 records in the register file; when the next one is taken, the overflow flag is set
 * and faults are dropped until software clears it.
 *
 * ```
 * record   words 0, 1: address 63:12   word 2: 15:0 source id   word 3: 31 valid, 30 read, 7:0 reason
 * ```
 * Left out: the fault event (an interrupt), PASID, execute and privilege bits.
 */
import { highWordOfPage, pageOfWords } from '../address';
import type { TrackedWords } from '../memory/tracked-words';
import type { Capability } from './capability';
import { FAULT_RECORD_READ, FAULT_RECORD_VALID, FAULT_STATUS, REGISTER } from './registers';

export interface VtdFault {
  requesterId: number;
  iovaPage: number;
  access: 'read' | 'write';
  /** Legacy reason code; see FAULT_REASON. */
  reason: number;
}

const FSTS = REGISTER.FSTS / 4;

export class FaultLog {
  readonly #first: number;
  readonly records: number;

  /** `state` holds, at word `nextAt`, which record is written next. `collapses`: one record for each source. */
  constructor(
    readonly registers: TrackedWords,
    readonly state: TrackedWords,
    readonly nextAt: number,
    features: Capability,
    readonly collapses: boolean,
  ) {
    this.#first = features.faultRecordOffset / 4;
    this.records = features.faultRecords;
  }

  /** Records a fault, or drops it as the rules above say. */
  record(requesterId: number, iovaPage: number, write: boolean, reason: number): void {
    const { words } = this.registers;
    const status = words[FSTS] as number;
    if ((status & FAULT_STATUS.OVERFLOW) !== 0) return;
    if (this.collapses && this.#pendingFor(requesterId)) return;
    const next = this.state.words[this.nextAt] as number;
    const at = this.#first + next * 4;
    this.registers.touch(FSTS >>> 10);
    this.registers.touch(at >>> 10);
    if ((words[at + 3] as number) < 0) {
      words[FSTS] = status | FAULT_STATUS.OVERFLOW;
      return;
    }
    words[at] = iovaPage << 12;
    words[at + 1] = highWordOfPage(iovaPage);
    words[at + 2] = requesterId;
    words[at + 3] = FAULT_RECORD_VALID | (write ? 0 : FAULT_RECORD_READ) | reason;
    if ((status & FAULT_STATUS.PENDING) === 0) {
      words[FSTS] = (status & ~0xff00) | (next << 8) | FAULT_STATUS.PENDING;
    }
    this.state.set(this.nextAt, next + 1 === this.records ? 0 : next + 1);
  }

  /** Takes all records in order and clears them and the status, as Linux's `dmar_fault` does. */
  take(): VtdFault[] {
    const { words } = this.registers;
    const faults: VtdFault[] = [];
    const first = ((words[FSTS] as number) >>> 8) & 0xff;
    for (let n = 0; n < this.records; n++) {
      const at = this.#first + ((first + n) % this.records) * 4;
      if ((words[at + 3] as number) >= 0) break;
      faults.push({
        requesterId: (words[at + 2] as number) & 0xffff,
        iovaPage: pageOfWords(words[at] as number, words[at + 1] as number),
        access: ((words[at + 3] as number) & FAULT_RECORD_READ) !== 0 ? 'read' : 'write',
        reason: (words[at + 3] as number) & 0xff,
      });
      this.clearRecord(at + 3, FAULT_RECORD_VALID);
    }
    this.registers.set(FSTS, (words[FSTS] as number) & ~FAULT_STATUS.OVERFLOW);
    return faults;
  }

  /** Whether register word `word` is the fourth word of a record, which a write of the valid bit clears. */
  isRecordControl(word: number): boolean {
    const offset = word - this.#first;
    return offset >= 0 && offset < this.records * 4 && offset % 4 === 3;
  }

  /** A write to the fourth word of a record: 1 in the valid bit clears it, and the pending flag with the last one. */
  clearRecord(word: number, value: number): void {
    if ((value & FAULT_RECORD_VALID) === 0) return;
    this.registers.set(word, (this.registers.words[word] as number) & ~FAULT_RECORD_VALID);
    for (let n = 0; n < this.records; n++) {
      if ((this.registers.words[this.#first + n * 4 + 3] as number) < 0) return;
    }
    this.registers.set(FSTS, (this.registers.words[FSTS] as number) & ~FAULT_STATUS.PENDING);
  }

  #pendingFor(requesterId: number): boolean {
    const { words } = this.registers;
    for (let n = 0; n < this.records; n++) {
      const at = this.#first + n * 4;
      if ((words[at + 3] as number) < 0 && ((words[at + 2] as number) & 0xffff) === requesterId) return true;
    }
    return false;
  }
}
