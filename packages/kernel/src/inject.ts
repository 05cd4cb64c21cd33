/** Failure injection: the n-th call of a driver operation, optionally of one device, fails with a chosen errno. */
import { AccessKind, type PendingOperation } from '@iommu-lab/explorer';
import type { Errno } from './errno';
import type { Kernel } from './kernel';

/**
 * Driver operations that can be made to fail. `attach_dev`: a device is attached to a domain of a caller's;
 * `attach_core`: to its group's default or blocking domain. `pin`: a page of user memory is pinned.
 */
export type InjectableOperation = 'attach_dev' | 'attach_core' | 'domain_alloc' | 'map' | 'pin';

export const INJECTABLE_OPERATIONS: readonly InjectableOperation[] = [
  'attach_dev',
  'attach_core',
  'domain_alloc',
  'map',
  'pin',
];

export interface Injection {
  readonly operation: InjectableOperation;
  /** Address of the device, or null for any. */
  readonly device: string | null;
  /** Calls to let pass before the one that fails. */
  readonly passes: number;
  readonly errno: Errno;
}

/** Declares what `injectedErrno` will touch when an operation calls it while it is performed. */
export function declareInjection(
  pending: PendingOperation,
  kernel: Kernel,
  operation: InjectableOperation,
): void {
  const armed = kernel.injections.value.some((one) => one.operation === operation);
  pending.accesses.add(kernel.injections.location, armed ? AccessKind.WRITE : AccessKind.READ);
}

/** Arms a failure. Each injection counts its own calls and fires once. */
export function inject(kernel: Kernel, injection: Injection): void {
  kernel.injections.set([...kernel.injections.value, injection]);
}

/** The errno that this call is to fail with, or null. Called once for each call of a driver operation, as part of its step. */
export function injectedErrno(
  kernel: Kernel,
  operation: InjectableOperation,
  device: string | null,
): Errno | null {
  const armed = kernel.injections.readInStep();
  if (armed.length === 0) return null;
  let errno: Errno | null = null;
  const left: Injection[] = [];
  for (const one of armed) {
    const matches = one.operation === operation && (one.device === null || one.device === device);
    if (!matches) left.push(one);
    else if (one.passes > 0) left.push({ ...one, passes: one.passes - 1 });
    else if (errno === null) errno = one.errno;
    else left.push(one);
  }
  if (errno !== null || left.some((one, index) => one !== armed[index])) kernel.injections.writeInStep(left);
  return errno;
}
