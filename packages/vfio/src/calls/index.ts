/** Named calls of a user program, by subject. */
export * from './container';
export * from './device';
export * from './device-access';
export * from './dirty-pages';
export * from './edu';
export * from './files';
export * from './group';
export * from './memory';
export { SCRATCH_VADDR } from './scratch';
export type { Out, UserCall } from './user-call';
