/**
 * The names under which software builds VT-d structures and commands: `vtd.contextEntry(...)`.
 */
export {
  contextInvalidate,
  contextInvalidateDomain,
  contextInvalidateGlobal,
  iotlbInvalidate,
  iotlbInvalidateGlobal,
  wait,
} from './descriptors';
export { GLOBAL, REGISTER } from './registers';
export { contextEntry, decodeContextEntry, rootEntry } from './structures';
