/**
 * What differs between bare hardware and the emulators that the recordings ran on, as data of a unit.
 *
 * `hardware` follows the specification where it decides, and the less forgiving reading where it leaves a choice.
 * `qemu-7.2` is what QEMU 7.2 was observed to do (its IOMMU driven through qtest, and the kernel recordings).
 */
export type BehaviourName = 'hardware' | 'qemu-7.2';

export interface Behaviour {
  /** Cached translations belong to a requester, not to a domain, and are looked up before the context entry. */
  readonly tagsByRequester: boolean;
  /** A cached translation that does not allow the access refuses it without recording a fault. */
  readonly refusesSilently: boolean;
  /** A second fault of a requester that has an uncleared record is dropped. */
  readonly collapsesFaults: boolean;
  /** Pointers to tables are cached. */
  readonly cachesPointers: boolean;
  /** With caching mode in CAP, absent and wrong entries are cached. */
  readonly cachesFailures: boolean;
  /** Setting the root table pointer, or switching translation on or off, empties all caches. */
  readonly globalCommandsFlush: boolean;
  /** A context invalidation of a domain drops all entries; one of a device ignores the domain id. */
  readonly contextInvalidationIgnoresDomain: boolean;
  /**
   * A page-selective IOTLB invalidation compares only the lower 8 bits of page numbers, and so drops more than it was
   * asked to (everything of the domain from 256 pages on). QEMU keeps its mask in one byte; mended after 7.2.
   */
  readonly comparesOnePageByte: boolean;
  /** A leaf that touches the interrupt range anywhere is refused, not only the page in it. */
  readonly checksWholeLeaf: boolean;
  /** Bit 62 of a paging entry is reserved (in leaves: unless the unit has device-TLBs). */
  readonly bit62Reserved: boolean;
  /** PASID-based descriptors are taken, and do nothing, outside of scalable mode. */
  readonly acceptsPasidDescriptors: boolean;
  /** Pass-through forwards any address, not only those within the address width. */
  readonly passThroughIgnoresWidth: boolean;
  /** The host address width equals MGAW, and a unit's root pointer is cut to it. */
  readonly hostWidthIsInputWidth: boolean;
}

const HARDWARE: Behaviour = {
  tagsByRequester: false,
  refusesSilently: false,
  collapsesFaults: false,
  cachesPointers: true,
  cachesFailures: true,
  globalCommandsFlush: false,
  contextInvalidationIgnoresDomain: false,
  comparesOnePageByte: false,
  checksWholeLeaf: false,
  bit62Reserved: false,
  acceptsPasidDescriptors: false,
  passThroughIgnoresWidth: false,
  hostWidthIsInputWidth: false,
};

const QEMU_7_2: Behaviour = {
  tagsByRequester: true,
  refusesSilently: true,
  collapsesFaults: true,
  cachesPointers: false,
  cachesFailures: false,
  globalCommandsFlush: true,
  contextInvalidationIgnoresDomain: true,
  comparesOnePageByte: true,
  checksWholeLeaf: true,
  bit62Reserved: true,
  acceptsPasidDescriptors: true,
  passThroughIgnoresWidth: true,
  hostWidthIsInputWidth: true,
};

/** The behaviour with this name. TypeError for a name that is none. */
export function behaviourNamed(name: BehaviourName): Behaviour {
  if (name === 'hardware') return HARDWARE;
  if (name === 'qemu-7.2') return QEMU_7_2;
  throw new TypeError(`unknown behaviour '${String(name)}': use 'hardware' or 'qemu-7.2'`);
}
