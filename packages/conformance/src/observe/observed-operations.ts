/**
 * The four operations at which designs differ, as short workloads of which one or two steps are watched: what a design
 * calls, which locks and references it holds, and what that costs. Recordings barely see any of it.
 */
import type { Step } from '../grammar/step';

/** What a container does to a group's domain. */
export type ObservedOperation = 'set-iommu' | 'join' | 'move' | 'leave';

export const OBSERVED_OPERATIONS: readonly ObservedOperation[] = ['set-iommu', 'join', 'move', 'leave'];

export interface ObservedWorkload {
  readonly operation: ObservedOperation;
  /** One sentence for reports. */
  readonly title: string;
  readonly setUp: readonly Step[];
  readonly watched: readonly Step[];
}

const VADDR = '0x100000000000';

const open = (container: string): Step => ({ op: 'open_container', args: {}, out: { handle: container } });
const openGroup = (group: string, handle: string): Step => ({
  op: 'open_group',
  args: { group },
  out: { handle },
});
const setContainer = (fd: string, container: string): Step => ({
  op: 'VFIO_GROUP_SET_CONTAINER',
  args: { fd, container },
});
const unsetContainer = (fd: string): Step => ({ op: 'VFIO_GROUP_UNSET_CONTAINER', args: { fd } });
const setIommu = (fd: string): Step => ({ op: 'VFIO_SET_IOMMU', args: { fd, type: 3 } });
const mapMemory: Step = { op: 'mem.map', args: { vaddr: VADDR, len: '0x100000', prot: 'rw' } };
const mapOnePage = (fd: string): Step => ({
  op: 'VFIO_IOMMU_MAP_DMA',
  args: { fd, iova: '0x100000', vaddr: VADDR, size: '0x1000', flags: 3 },
});

/** `solo1` is in container `c1`, which has one mapping. */
const inUse: readonly Step[] = [
  mapMemory,
  open('c1'),
  openGroup('solo1', 'g1'),
  setContainer('g1', 'c1'),
  setIommu('c1'),
  mapOnePage('c1'),
];

/** The only device of a group in a container in use is removed while no descriptor of it is open. */
export const UNPLUG: Omit<ObservedWorkload, 'operation'> = {
  title: 'The last device of a group is removed',
  setUp: [...inUse, openGroup('hot', 'g2'), setContainer('g2', 'c1')],
  watched: [{ op: 'sysfs.remove', args: { dev: 'hot' } }],
};

/** The watched operations on the group `mf`, which has two devices. */
export const OBSERVED_WORKLOADS: readonly ObservedWorkload[] = [
  {
    operation: 'set-iommu',
    title: 'The first group of a container gets its domain',
    setUp: [open('c1'), openGroup('mf', 'g2'), setContainer('g2', 'c1')],
    watched: [setIommu('c1')],
  },
  {
    operation: 'join',
    title: 'A second group joins a container in use and shares its domain',
    setUp: [...inUse, openGroup('mf', 'g2')],
    watched: [setContainer('g2', 'c1')],
  },
  {
    operation: 'move',
    title: 'A group leaves one container in use for another',
    setUp: [
      ...inUse,
      open('c2'),
      openGroup('solo2', 'g3'),
      setContainer('g3', 'c2'),
      setIommu('c2'),
      mapOnePage('c2'),
      openGroup('mf', 'g2'),
      setContainer('g2', 'c1'),
    ],
    watched: [unsetContainer('g2'), setContainer('g2', 'c2')],
  },
  {
    operation: 'leave',
    title: 'One of two groups leaves a container in use',
    setUp: [...inUse, openGroup('mf', 'g2'), setContainer('g2', 'c1')],
    watched: [unsetContainer('g2')],
  },
];
