/** The atomic steps on the hardware that drivers and the core's mapping functions are made of. */
export { hwRunTransfer, transferIsDone } from './dma';
export { hwContiguousPages, hwDestroyTables, hwFreeTables, hwIovaToPhys, hwMap, hwUnmap } from './tables';
export {
  type ContextEntry,
  hwInvalidateContext,
  hwInvalidateDomain,
  hwInvalidateRange,
  hwReadContext,
  hwTakeFaults,
  hwWriteContext,
} from './unit';
