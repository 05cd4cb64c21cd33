/**
 * The contract: what an API design must provide, and nothing about how.
 *
 * A frontend (type1, iommufd, an in-kernel driver) works through these ports and never asks which variant it has.
 * Every function is kernel code (`Op`). There are no optional methods: a port is there whole or not at all.
 */
import type { ListCell, Mutex, Op } from '@iommu-lab/explorer';
import type { Capability } from './capability';
import type { Device } from './device';
import type { IommuDomain } from './domain';
import type { EraId } from './era';
import type { Errno } from './errno';
import type { IommuGroup } from './group';

/** What a frontend registered with its subsystem: VFIO's vfio_device, as far as a design may see it. */
export interface RegisteredDevice {
  readonly device: Device;
}

/** The registered devices of one group. The variant takes the lock itself. */
export interface Members {
  readonly lock: Mutex;
  readonly list: ListCell<RegisteredDevice>;
  /** Takes a registration reference if there is one left. Precondition: `lock` is held. `@kernel vfio_device_try_get` */
  tryGet(member: RegisteredDevice): Op<boolean>;
  /** Drops it. `lock` need not be held. `@kernel vfio_device_put_registration` */
  put(member: RegisteredDevice): Op<void>;
}

/** What an operation is about. */
export interface Target {
  readonly group: IommuGroup;
  /** A device that the frontend itself holds (an open file's, or the one being unregistered), else null. */
  readonly device: Device | null;
  /** Whether the caller holds `device`'s mutex. */
  readonly deviceLocked: boolean;
  /** Null without a VFIO group. */
  readonly members: Members | null;
}

/** What the caller requires of a domain at attach time: the attach flag of some designs. */
export interface Need {
  readonly nesting?: boolean;
  readonly isolatedMsi?: boolean;
}

/** Who owns a group's DMA: any object, compared by identity. */
export type DmaOwner = object;

export interface OwnershipPort {
  /**
   * Takes the group's DMA away from kernel drivers, for a group or, where `target.device` is set, for a device, as the
   * design does. A second claim by the same owner: by the era's rule.
   */
  claim(target: Target, owner: DmaOwner): Op<0 | Errno>;
  /** Gives it back. Cannot fail. */
  release(target: Target, owner: DmaOwner): Op<void>;
}

/** A move that failed: `nowOn` is `from`, or null when the group is on neither domain. */
export interface MoveFailure {
  readonly errno: Errno;
  readonly nowOn: IommuDomain | null;
}

/** How a frontend gives a group its own address space. `H` is whatever the design holds from `begin` to `end`. */
export interface DomainPort<H> {
  /**
   * When the frontend is to allocate and attach: with the container, or with the first open device, which is
   * `target.device` then. The group is claimed with its container in both.
   */
  readonly attachTime: 'container' | 'device-fd';
  /** Opens the bracket around all that the frontend does in one attach, replay included. */
  begin(target: Target): Op<H | Errno>;
  /** Whether the capability holds, asked of what this design asks. `domain` is null before there is one. */
  capable(handle: H, domain: IommuDomain | null, capability: Capability): Op<boolean>;
  /** Allocates a domain and attaches the group: one critical section or two, by design. */
  attachNew(handle: H, need: Need): Op<IommuDomain | Errno>;
  /** Moves the group from one domain to another. */
  move(handle: H, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure>;
  /** Closes the bracket: handles die here. */
  end(handle: H): Op<void>;
  /** Takes the group off `domain`. Never between begin and end; cannot fail. */
  detach(target: Target, domain: IommuDomain): Op<void>;
}

/**
 * iommufd's hardware page tables over the design: allocating is a call of its own, and every call is about a device,
 * `target.device`.
 */
export interface HwptPort<H> {
  /** Opens the bracket around one request: a bind, an allocation, an attach or a replace. */
  begin(target: Target): Op<H | Errno>;
  /** As in `DomainPort`. A bind asks with `domain` null: before the claim there is no domain. */
  capable(handle: H, domain: IommuDomain | null, capability: Capability): Op<boolean>;
  /** A domain that is attached nowhere. */
  alloc(handle: H, need: Need): Op<IommuDomain | Errno>;
  /** Puts the device's whole group on the domain, from where the core has it; after an error it is there again. */
  attach(handle: H, domain: IommuDomain): Op<0 | Errno>;
  /** Moves the group from one domain to another. */
  replace(handle: H, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure>;
  /** Closes the bracket: handles die here. */
  end(handle: H): Op<void>;
  /** Takes the group off `domain`. Never between begin and end; cannot fail. */
  detach(target: Target, domain: IommuDomain): Op<void>;
}

/** In-kernel drivers that manage a domain of their own. */
export interface DriverPort {
  alloc(device: Device): Op<IommuDomain | Errno>;
  attach(device: Device, domain: IommuDomain): Op<0 | Errno>;
  detach(device: Device, domain: IommuDomain): Op<void>;
  capable(device: Device, capability: Capability): Op<boolean>;
}

/** The closed list of what a variant may support beyond its ports. A case names what it needs. */
export type Feature = 'nesting' | 'direct-replace';

/** A deliberate difference from the expected answers. One that is declared and does not occur is an error. */
export interface DeclaredDifference {
  /** Id of the case, which holds on every profile that has it, or `profile/id`. */
  readonly case: string;
  /** From 0. */
  readonly step: number;
  /** What this design answers there instead: each field that differs with its value as JSON, `errno "EPERM"`. */
  readonly expected: string;
  readonly reason: string;
}

/** One API design with its locking. The id is stable and never names a kernel. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  /** Eras whose kernel had these entry points or a near form of them; elsewhere results are counterfactual. */
  readonly eras: readonly EraId[];
  readonly defaultEra: EraId;
  readonly supports: readonly Feature[];
  readonly ports: {
    readonly ownership: OwnershipPort;
    // biome-ignore lint/suspicious/noExplicitAny: a handle's type is the design's own business
    readonly domain?: DomainPort<any>;
    // biome-ignore lint/suspicious/noExplicitAny: a handle's type is the design's own business
    readonly hwpt?: HwptPort<any>;
    readonly driver?: DriverPort;
  };
  /** What the caller must guarantee for the design to be safe, one sentence each. */
  readonly preconditions: readonly string[];
  readonly differs?: readonly DeclaredDifference[];
  /** The mails, patches and kernels that this design stands for. */
  readonly sources: readonly string[];
}
