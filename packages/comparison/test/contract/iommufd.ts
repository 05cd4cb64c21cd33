/**
 * A small iommufd for tests, over a design's ports: bind, allocate, attach, replace, detach, unbind, as Linux 6.12 does
 * them, with automatic page tables. Leaves out handles for faults, PASIDs, nesting and user space's side.
 * `@kernel drivers/iommu/iommufd/device.c, hw_pagetable.c`
 */
import { Mutex, type Op } from '@iommu-lab/explorer';
import {
  type Device,
  type Errno,
  type HwptPort,
  type IommuDomain,
  type IommuGroup,
  iommuDomainFree,
  iommuMap,
  isErrno,
  type Kernel,
  type OwnershipPort,
  type Target,
} from '@iommu-lab/kernel';

interface Mapping {
  readonly iovaPage: number;
  readonly physicalPage: number;
  readonly pages: number;
}

/** An address space and its page tables. `@kernel struct iommufd_ioas` */
export interface Ioas {
  readonly mappings: readonly Mapping[];
  readonly hwpts: Hwpt[];
}

/** `@kernel struct iommufd_hwpt_paging` */
export interface Hwpt {
  readonly ioas: Ioas;
  readonly domain: IommuDomain;
  /** Made by an attach; goes with its last device. */
  readonly automatic: boolean;
  /** Groups on it. */
  users: number;
}

/** `@kernel struct iommufd_group` */
interface GroupState {
  readonly lock: Mutex;
  readonly devices: Set<Device>;
  hwpt: Hwpt | null;
}

const READ_WRITE = 3;

export class Iommufd<H> {
  readonly #groups = new Map<IommuGroup, GroupState>();

  constructor(
    readonly kernel: Kernel,
    readonly ownership: OwnershipPort,
    readonly port: HwptPort<H>,
  ) {}

  newIoas(...mappings: Mapping[]): Ioas {
    return { mappings, hwpts: [] };
  }

  hwptOf(device: Device): Hwpt | null {
    return this.#stateOf(target(device).group).hwpt;
  }

  /** EINVAL: not coherent. EPERM: interrupts are not isolated, or somebody else owns the group. */
  *bind(device: Device): Op<0 | Errno> {
    const about = target(device);
    const handle = yield* this.port.begin(about);
    if (isErrno(handle)) return handle;
    const coherent = yield* this.port.capable(handle, null, 'cache-coherency');
    const isolated = yield* this.port.capable(handle, null, 'isolated-msi');
    yield* this.port.end(handle);
    if (!coherent) return 'EINVAL';
    return isolated ? yield* this.ownership.claim(about, this) : 'EPERM';
  }

  *unbind(device: Device): Op<void> {
    yield* this.ownership.release(target(device), this);
  }

  /** A page table of user space's own, attached nowhere. */
  *alloc(device: Device, ioas: Ioas): Op<Hwpt | Errno> {
    const handle = yield* this.port.begin(target(device));
    if (isErrno(handle)) return handle;
    const hwpt = yield* this.#make(handle, ioas, false);
    yield* this.port.end(handle);
    return hwpt;
  }

  *destroy(hwpt: Hwpt): Op<0 | Errno> {
    if (hwpt.users > 0) return 'EBUSY';
    hwpt.ioas.hwpts.splice(hwpt.ioas.hwpts.indexOf(hwpt), 1);
    yield* iommuDomainFree(hwpt.domain);
    return 0;
  }

  /** EINVAL: a sibling is on another page table. */
  *attach(device: Device, to: Ioas | Hwpt): Op<0 | Errno> {
    const about = target(device);
    const state = this.#stateOf(about.group);
    yield* state.lock.lock();
    const error =
      state.hwpt === null
        ? yield* this.#attachFirst(about, state, to)
        : belongs(state.hwpt, to)
          ? 0
          : 'EINVAL';
    if (error === 0) state.devices.add(device);
    yield* state.lock.unlock();
    return error;
  }

  /** The whole group moves. EINVAL: it is attached to nothing. */
  *replace(device: Device, to: Ioas | Hwpt): Op<0 | Errno> {
    const state = this.#stateOf(target(device).group);
    yield* state.lock.lock();
    const error = state.hwpt === null ? 'EINVAL' : yield* this.#move(device, state, state.hwpt, to);
    yield* state.lock.unlock();
    return error;
  }

  *detach(device: Device): Op<void> {
    const about = target(device);
    const state = this.#stateOf(about.group);
    yield* state.lock.lock();
    state.devices.delete(device);
    const { hwpt } = state;
    if (hwpt !== null && state.devices.size === 0) {
      yield* this.port.detach(about, hwpt.domain);
      state.hwpt = null;
      yield* this.#drop(hwpt);
    }
    yield* state.lock.unlock();
  }

  /** Tries the page tables that there are; EINVAL from the design means the next one, or a new one. */
  *#attachFirst(about: Target, state: GroupState, to: Ioas | Hwpt): Op<0 | Errno> {
    const handle = yield* this.port.begin(about);
    if (isErrno(handle)) return handle;
    let error: 0 | Errno = 'EINVAL';
    for (const hwpt of candidates(to)) {
      error = yield* this.port.attach(handle, hwpt.domain);
      if (error === 0) use(state, hwpt);
      if (error !== 'EINVAL') break;
    }
    if (error === 'EINVAL' && 'mappings' in to) {
      const made = yield* this.#make(handle, to, true);
      error = isErrno(made) ? made : yield* this.port.attach(handle, made.domain);
      if (!isErrno(made)) {
        if (error === 0) use(state, made);
        else yield* this.destroy(made);
      }
    }
    yield* this.port.end(handle);
    return error;
  }

  *#move(device: Device, state: GroupState, from: Hwpt, to: Ioas | Hwpt): Op<0 | Errno> {
    if (belongs(from, to)) return 0;
    const handle = yield* this.port.begin(target(device));
    if (isErrno(handle)) return handle;
    const hwpt = candidates(to)[0] ?? ('mappings' in to ? yield* this.#make(handle, to, true) : 'ENOENT');
    const failure = isErrno(hwpt) ? null : yield* this.port.replace(handle, from.domain, hwpt.domain);
    yield* this.port.end(handle);
    if (isErrno(hwpt)) return hwpt;
    if (failure === 0) use(state, hwpt);
    else if (hwpt.automatic && hwpt.users === 0) yield* this.destroy(hwpt);
    // On neither: whoever believed the group to be on `from` would keep its pages for devices that do not reach them.
    if (failure !== 0 && failure?.nowOn === null) state.hwpt = null;
    if (state.hwpt !== from) yield* this.#drop(from);
    return failure === 0 || failure === null ? 0 : failure.errno;
  }

  *#make(handle: H, ioas: Ioas, automatic: boolean): Op<Hwpt | Errno> {
    const domain = yield* this.port.alloc(handle, {});
    if (isErrno(domain)) return domain;
    for (const { iovaPage, physicalPage, pages } of ioas.mappings) {
      const error = yield* iommuMap(domain, iovaPage, physicalPage, pages, READ_WRITE);
      if (error === 0) continue;
      yield* iommuDomainFree(domain);
      return error;
    }
    const hwpt: Hwpt = { ioas, domain, automatic, users: 0 };
    ioas.hwpts.push(hwpt);
    return hwpt;
  }

  *#drop(hwpt: Hwpt): Op<void> {
    hwpt.users--;
    if (hwpt.automatic && hwpt.users === 0) yield* this.destroy(hwpt);
  }

  #stateOf(group: IommuGroup): GroupState {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const lock = new Mutex(this.kernel.world, `iommufd_group:${group.id}.lock`, 'iommufd_group.lock');
    const made: GroupState = { lock, devices: new Set(), hwpt: null };
    this.#groups.set(group, made);
    return made;
  }
}

function target(device: Device): Target {
  const group = device.group.value;
  if (group === null) throw new TypeError(`${device.label} has no group`);
  return { group, device, deviceLocked: false, members: null };
}

function candidates(to: Ioas | Hwpt): readonly Hwpt[] {
  return 'mappings' in to ? to.hwpts.filter((hwpt) => hwpt.automatic) : [to];
}

function belongs(hwpt: Hwpt, to: Ioas | Hwpt): boolean {
  return hwpt === to || (hwpt.automatic && hwpt.ioas === to);
}

function use(state: GroupState, hwpt: Hwpt): void {
  hwpt.users++;
  state.hwpt = hwpt;
}
