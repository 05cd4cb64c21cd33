/**
 * The page-number door (`@iommu-lab/core/pages`): the parts that work on page numbers and allocate nothing per call.
 *
 * A page number is an address divided by 4096. The classes are the same as in the main entry.
 */
export { addressOf, PAGE_SHIFT, PAGE_SIZE_BYTES, pageOf } from './address';
export { PhysicalMemory } from './memory/physical-memory';
export { PROT_READ, PROT_WRITE } from './page-table/format';
export { vtdSecondStage } from './page-table/formats/vtd-second-stage';
export { PageTable } from './page-table/page-table';
export { ACCESS_READ, ACCESS_WRITE, VtdUnit } from './vtd/unit';
