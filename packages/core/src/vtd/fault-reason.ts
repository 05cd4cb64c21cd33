/**
 * Fault reason codes of legacy mode (VT-d specification, appendix "Fault Reason Encodings").
 */
export const FAULT_REASON = {
  ROOT_ENTRY_ABSENT: 0x1,
  CONTEXT_ENTRY_ABSENT: 0x2,
  CONTEXT_ENTRY_INVALID: 0x3,
  BEYOND_ADDRESS_WIDTH: 0x4,
  WRITE_REFUSED: 0x5,
  READ_REFUSED: 0x6,
  NEXT_TABLE_UNREADABLE: 0x7,
  ROOT_TABLE_UNREADABLE: 0x8,
  CONTEXT_TABLE_UNREADABLE: 0x9,
  ROOT_ENTRY_RESERVED: 0xa,
  CONTEXT_ENTRY_RESERVED: 0xb,
  PAGING_ENTRY_RESERVED: 0xc,
  REQUEST_BLOCKED: 0xd,
  OUTPUT_IN_INTERRUPT_RANGE: 0xe,
} as const;

/** Linux's wording in its kernel log (`dma_remap_fault_reasons`); 1, 2 and 4 to 6 as the recordings show them. */
const TEXTS: readonly string[] = [
  'Software',
  'Present bit in root entry is clear',
  'Present bit in context entry is clear',
  'Invalid context entry',
  'Access beyond MGAW',
  'PTE Write access is not set',
  'PTE Read access is not set',
  'Next page table ptr is invalid',
  'Root table address invalid',
  'Context table ptr is invalid',
  'non-zero reserved fields in RTP',
  'non-zero reserved fields in CTP',
  'non-zero reserved fields in PTE',
  'PCE for translation request specifies blocking',
];

/** What Linux logs for a legacy fault reason; `Unknown` for one that it has no text for. */
export function faultReasonText(reason: number): string {
  return TEXTS[reason] ?? 'Unknown';
}

/** Whether FPD in the context entry keeps a fault of this reason from being recorded. */
export function isQualified(reason: number): boolean {
  switch (reason) {
    case FAULT_REASON.ROOT_ENTRY_ABSENT:
    case FAULT_REASON.CONTEXT_ENTRY_ABSENT:
    case FAULT_REASON.ROOT_TABLE_UNREADABLE:
    case FAULT_REASON.CONTEXT_TABLE_UNREADABLE:
    case FAULT_REASON.ROOT_ENTRY_RESERVED:
    case FAULT_REASON.CONTEXT_ENTRY_RESERVED:
      return false;
    default:
      return true;
  }
}
