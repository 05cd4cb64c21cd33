/**
 * What VFIO calls of the IOMMU core while it works through a design, in order: the entry points, the locks held at
 * the call and the locks taken inside it, and the references that are taken and dropped outside of any call.
 */
import type { TraceEvent } from '@iommu-lab/explorer';
import { LOCK_ACQUISITIONS } from './lock-acquisitions';

/** One call of an entry point. */
export interface EntryPointCall {
  readonly call: string;
  /** Classes of the locks that the caller holds. */
  readonly holds: readonly string[];
  /** Classes of the locks that the call takes itself, in order; the IOMMU driver's own are left out. */
  readonly takes: readonly string[];
}

/** A reference that the design takes or drops. */
export interface ReferenceChange {
  readonly get?: string;
  readonly put?: string;
  /** Classes of the locks that are held meanwhile. */
  readonly holds: readonly string[];
}

export type ObservedCall = EntryPointCall | ReferenceChange;

/** Functions by which VFIO reaches the IOMMU core. */
export const ENTRY_POINT = /^(?:iommu_|device_iommu_)/;
/** Who calls them: VFIO, or a callback of VFIO's inside the group iterator. */
const CALLER = /^(?:vfio_|iommu_group_for_each_dev$)/;
/** The mapping path is the same in every design. */
export const MAPPING = /^iommu_(?:map|unmap|unmap_fast|iotlb_sync|iova_to_phys)$/;
/** Locks inside an IOMMU driver and references inside the core say nothing about the design. */
const DRIVER_LOCK = /^intel_iommu\./;
/** What a design can pin: a registered device, a group, a device, a bus's module. */
const PINNABLE = /^(?:vfio_device|iommu_group|device|module)\./;

interface OpenCall {
  readonly depth: number;
  readonly holds: readonly string[];
  readonly takes: string[];
}

/** Collects calls from the events of an execution. */
export class CallRecorder {
  readonly calls: ObservedCall[] = [];
  /** Calls that have not returned, outermost first: a callback calls inside a call. */
  readonly #open: OpenCall[] = [];

  /** A listener for `World.listener`. */
  readonly listen = (event: TraceEvent): void => {
    if (event.kind === 'call') this.#called(event);
    else if (event.kind === 'return') this.#returned(event);
    else this.#performed(event);
  };

  #called(event: TraceEvent): void {
    const name = plainName(event.name);
    if (!ENTRY_POINT.test(name) || MAPPING.test(name) || !CALLER.test(event.within)) return;
    const takes: string[] = [];
    this.calls.push({ call: name, holds: event.held, takes });
    this.#open.push({ depth: event.depth, holds: event.held, takes });
  }

  #returned(event: TraceEvent): void {
    const last = this.#open.at(-1);
    if (last !== undefined && last.depth === event.depth) this.#open.pop();
  }

  #performed(event: TraceEvent): void {
    const last = this.#open.at(-1);
    if (LOCK_ACQUISITIONS.has(event.name) && last !== undefined) {
      if (!DRIVER_LOCK.test(event.targetClass)) last.takes.push(event.targetClass);
      return;
    }
    const inCallback = plainName(event.within) === 'iommu_group_for_each_dev';
    if ((last !== undefined && !inCallback) || !PINNABLE.test(event.targetClass)) return;
    const taken =
      event.name === 'get' ||
      (event.name === 'try_get' && event.result === 'true') ||
      (event.name === 'bus_find_device' && event.result !== 'null');
    if (taken) {
      this.calls.push({ get: event.targetClass, holds: event.held });
    }
    if (event.name === 'put') this.calls.push({ put: event.targetClass, holds: event.held });
  }
}

/** Without the era: `iommu_attach_group@6.12` is `iommu_attach_group`. */
export function plainName(name: string): string {
  return name.split('@')[0] ?? name;
}

/** The entry points among the calls, each once, in the order of first use. */
export function entryPoints(calls: readonly ObservedCall[]): string[] {
  const names = calls.flatMap((one) => ('call' in one ? [one.call] : []));
  return [...new Set(names)];
}
