/** Operations of the model that take a lock, or wait for it. */
export const LOCK_ACQUISITIONS: ReadonlySet<string> = new Set(['mutex_lock', 'down_read', 'down_write']);
