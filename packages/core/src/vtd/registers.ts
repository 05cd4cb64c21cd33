/**
 * Register offsets and bits of a VT-d unit (VT-d specification, section "Register Descriptions").
 *
 * Left out: fault and invalidation events (interrupts), protected memory, performance counters, virtual commands.
 */
export const REGISTER = {
  VER: 0x00,
  CAP: 0x08,
  ECAP: 0x10,
  GCMD: 0x18,
  GSTS: 0x1c,
  RTADDR: 0x20,
  CCMD: 0x28,
  FSTS: 0x34,
  FECTL: 0x38,
  FEDATA: 0x3c,
  FEADDR: 0x40,
  FEUADDR: 0x44,
  IQH: 0x80,
  IQT: 0x88,
  IQA: 0x90,
  ICS: 0x9c,
  IECTL: 0xa0,
  IEDATA: 0xa4,
  IEADDR: 0xa8,
  IEUADDR: 0xac,
  IRTA: 0xb8,
} as const;

/** Global command and status bits, at the same places in GCMD and GSTS. */
export const GLOBAL = {
  TRANSLATION_ENABLE: 1 << 31,
  SET_ROOT_TABLE: 1 << 30,
  WRITE_BUFFER_FLUSH: 1 << 27,
  QUEUED_INVALIDATION: 1 << 26,
  INTERRUPT_REMAPPING: 1 << 25,
  SET_INTERRUPT_TABLE: 1 << 24,
} as const;

/** Fault status bits; bits 15:8 are the index of the first fault record. */
export const FAULT_STATUS = {
  OVERFLOW: 1 << 0,
  PENDING: 1 << 1,
  QUEUE_ERROR: 1 << 4,
} as const;

/** Top bit of the fourth word of a fault record: the record holds a fault; write 1 to clear. */
export const FAULT_RECORD_VALID = 1 << 31;
/** Bit 62 of a record's high half, in its fourth word: the access was a read. */
export const FAULT_RECORD_READ = 1 << 30;
