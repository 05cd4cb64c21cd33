/** Each operation with each of its forms: what a line of it looks like. Most are as kernels answered them. */
import { describe, expect, it } from 'vitest';
import { isOperationName, type OperationName, operations } from '../../src/grammar/operations';
import { parseStep, parseWorkloadStep } from '../../src/grammar/parse-step';

type Example = readonly [args: object, answer?: object];

const failed = (errno: string) => ({ ret: -1, errno });

const EXAMPLES: { readonly [N in OperationName]: readonly Example[] } = {
  open_container: [[{}, { ret: 0, errno: null, out: { handle: "c'" } }]],
  open_group: [
    [{ group: 'solo1' }, { out: { handle: 'g' } }],
    [{ group: 'hot' }, failed('ENOENT')],
  ],
  open_group_path: [[{ path: '/dev/vfio/9999' }, failed('ENOENT')]],
  open_iommufd: [[{}, failed('ENOENT')]],
  close: [[{ handle: 'g' }]],
  dup: [[{ fd: 'g' }, { out: { handle: 'gdup' } }]],
  read: [[{ fd: 'd', len: 4 }, { ret: 4 }]],
  write: [[{ fd: 'c', len: 0 }, failed('EINVAL')]],
  unknown_ioctl: [[{ fd: 'c', nr: 250 }, failed('ENOTTY')]],
  chmod: [[{ path: '/dev/vfio/noiommu-N', mode: '0666' }, failed('ENOENT')]],
  VFIO_GET_API_VERSION: [[{ fd: 'c' }]],
  VFIO_CHECK_EXTENSION: [[{ fd: 'c', ext: 99 }]],
  VFIO_SET_IOMMU: [[{ fd: 'c', type: 3 }]],
  VFIO_IOMMU_GET_INFO: [
    [
      { fd: 'c', argsz: 4096 },
      {
        out: {
          argsz: 4096,
          flags: 3,
          iova_pgsizes: '0x40201000',
          caps: [
            { id: 2, version: 1, pgsize_bitmap: '0x1000', max_dirty_bitmap_size: '0x10000000' },
            { id: 3, version: 1, avail: 3 },
            { id: 1, version: 1, ranges: [['0x0', '0xfedfffff']] },
          ],
        },
      },
    ],
    [{ fd: 'c' }],
    [{ fd: 'c', arg: 'NULL' }, failed('EFAULT')],
  ],
  VFIO_IOMMU_MAP_DMA: [
    [{ fd: 'c', iova: '0x0', vaddr: '0x100000000000', size: '0x1000', flags: 2147483651 }],
    [{ fd: 'c', argsz: 40, iova: '0x0', vaddr: '0x100000000000', size: '0x1000', flags: 3 }],
    [{ fd: 'c', arg: 'NULL' }, failed('EFAULT')],
  ],
  VFIO_IOMMU_UNMAP_DMA: [
    [{ fd: 'c', iova: '0x0', size: '0xffffffffffffffff', flags: 0 }, { out: { size: '0x1000' } }],
    [{ fd: 'c', argsz: 8, iova: '0x0', size: '0x1000', flags: 0 }],
    [{ fd: 'c', iova: '0x0', size: '0x1000', flags: 1, pgsize: '0x1000', bitmap_size: 32 }],
    [{ fd: 'c', arg: 'NULL' }, failed('EFAULT')],
  ],
  VFIO_IOMMU_DIRTY_PAGES: [
    [{ fd: 'c', flags: 1 }],
    [
      { fd: 'c', flags: 4, iova: '0x0', size: '0x1000', pgsize: '0x1000', bitmap_size: 8 },
      { out: { bitmap: ['0x1'] } },
    ],
  ],
  VFIO_GROUP_GET_STATUS: [
    [{ fd: 'g' }, { out: { viable: true, container_set: false } }],
    [{ fd: 'g', argsz: 8 }],
    [{ fd: 'g', arg: 'NULL' }, failed('EFAULT')],
  ],
  VFIO_GROUP_SET_CONTAINER: [
    [{ fd: 'g', container: 'bad(-1)' }, failed('EBADF')],
    [{ fd: 'g', container: '/dev/null' }, failed('EBADFD')],
    [{ fd: 'g', arg: 'NULL' }, failed('EFAULT')],
  ],
  VFIO_GROUP_UNSET_CONTAINER: [
    [{ fd: 'g' }, { ret: null, out: { kernel: 'crash', at: '__dmar_remove_one_dev_info', driver: 'none' } }],
  ],
  VFIO_GROUP_GET_DEVICE_FD: [
    [{ fd: 'g', dev: 'solo1' }, { out: { handle: 'd' } }],
    [{ fd: 'g', name: '' }, failed('ENODEV')],
    [{ fd: 'g', arg: 'NULL' }, failed('EFAULT')],
  ],
  VFIO_DEVICE_GET_INFO: [[{ fd: 'd' }, { out: { flags: 3, num_regions: 9, num_irqs: 5 } }]],
  VFIO_DEVICE_GET_REGION_INFO: [
    [{ fd: 'd', index: 1 }, { out: { flags: 0, size: '0x0', offset: '0x10000000000' } }],
  ],
  VFIO_DEVICE_GET_IRQ_INFO: [[{ fd: 'd', index: 0 }, { out: { flags: 7, count: 1 } }]],
  VFIO_DEVICE_SET_IRQS: [[{ fd: 'd', flags: 36, index: 1, start: 0, count: 2, data: ['efd', null] }]],
  VFIO_DEVICE_RESET: [[{ fd: 'd' }, failed('EINVAL')]],
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: [
    [{ fd: 'd' }, { out: { flags: 0, devices: [{ group: 'pair', bdf: '0000:04:01.0' }] } }],
  ],
  VFIO_DEVICE_PCI_HOT_RESET: [[{ fd: 'd1', groups: ['g', 'g2'] }]],
  VFIO_DEVICE_FEATURE: [[{ fd: 'd', flags: 'probe', feature: 11 }, failed('ENOTTY')]],
  'config.read': [
    [
      { fd: 'd', off: '0x4', len: 2 },
      { ret: 2, out: { value: '0x103' } },
    ],
  ],
  'config.write': [[{ fd: 'd', off: '0x4', len: 2, value: '0x6' }, { ret: 2 }]],
  'bar.read': [[{ fd: 'd', off: '0x0', len: 4 }, failed('EIO')]],
  'bar.load': [[{ fd: 'd', off: '0x0' }, { out: { value: '0x10000ed', signal: 0 } }]],
  'bar.mmap': [
    [{ fd: 'd', vaddr: '0x100f00000000', region: 0, len: '0x100000' }],
    [{ fd: 'd', off: '0x0', len: '0x1000', private: true }, failed('EINVAL')],
  ],
  'bar.munmap': [[{ vaddr: '0x100f00000000', len: '0x100000' }]],
  'mem.map': [[{ vaddr: '0x1000c0000000', len: '0x800000', prot: 'rw', hint: 'hugepage' }]],
  'mem.unmap': [[{ vaddr: '0x100080001000', len: '0x1000' }]],
  'mem.fill': [[{ vaddr: '0x100000000000', len: '0x100', byte: '0x00' }]],
  'mem.peek': [
    [
      { vaddr: '0x100000000000', len: '0x100' },
      {
        out: {
          runs: [
            ['0x5a', 64],
            ['0xee', 192],
          ],
        },
      },
    ],
  ],
  'edu.dma_read': [
    [{ fd: 'd', iova: '0x100000', len: 64 }, { out: { done: true, faults: [] } }],
    [{ dev: 'pair1', iova: 'phys(0x100000000000)', len: 64 }],
  ],
  'edu.dma_write': [
    [
      { dev: 'pair1', iova: 'phys(0x100000000040)', len: 64 },
      {
        out: {
          done: true,
          faults: [
            {
              access: 'write',
              dev: '04:00.0',
              addr: 'phys(0x100000000000)',
              reason: 'PTE Write access is not set',
            },
          ],
        },
      },
    ],
  ],
  'sysfs.bind': [
    [
      { dev: 'mf1', driver: 'uio_pci_generic' },
      { ...failed('EBUSY'), out: { driver: 'none' } },
    ],
  ],
  'sysfs.unbind': [
    [{ dev: 'mf1' }, { out: { driver: 'none' } }],
    [{ dev: 'solo2', async: true }, { out: { blocked: true } }],
  ],
  'sysfs.unbind.done': [[{ dev: 'solo2' }, { out: { blocked: false, present: true, driver: 'none' } }]],
  'sysfs.remove': [[{ dev: 'hot' }, { out: { present: false } }]],
  'sysfs.remove.done': [[{ dev: 'hot' }, { out: { present: false, driver: 'none' } }]],
  'sysfs.rescan': [[{}, { out: { warning: 'vfio_iommu_group_notifier' } }]],
  'sysfs.config.write': [[{ dev: 'mf0', off: '0x4', len: 2, value: '0x6' }, { ret: 2 }]],
  'sysfs.bar.mmap': [[{ dev: 'mf0', vaddr: '0x101400000000', len: '0x100000' }]],
  'param.write': [[{ param: 'vfio_iommu_type1.dma_entry_limit', value: '3' }]],
  setrlimit: [[{ resource: 'memlock', cur: '0x8000', max: '0x8000' }]],
  setresuid: [[{ uid: 1000 }]],
  fork: [[{}]],
  exit: [[{}]],
  'eventfd.wait': [[{ efd: 'req', timeout_ms: 3000 }, { out: { fired: true } }]],
  kernel: [[{}, { out: { release: '6.12.95+deb12-amd64', profile: 'intel' } }]],
  device: [
    [
      { dev: 'mf0' },
      {
        out: {
          bdf: '0000:00:05.0',
          group: 'mf',
          has_group: true,
          members: ['0000:00:05.0', '0000:00:05.1'],
          type: 'DMA',
          reserved: [['0xfee00000', '0xfeefffff', 'msi']],
        },
      },
    ],
    [{ dev: 'mf1' }, { out: { driver: 'none', group_of_mf0: true } }],
    [{ dev: 'hot' }, { ...failed('ENOENT'), out: { driver: 'none', group: 'none' } }],
  ],
  note: [[{ text: '' }]],
  end: [[{}]],
  inject: [
    [{ operation: 'attach_dev', call: 1, errno: 'ENOMEM' }],
    [{ operation: 'attach_dev', dev: 'mf1', call: 2, errno: 'ENOMEM' }],
  ],
  'module.load': [[{ module: 'toy_bus' }]],
  'module.unload': [[{ module: 'toy_bus' }]],
  'bus.register': [[{ bus: 'toy' }]],
  'bus.unregister': [[{ bus: 'toy' }]],
  'kernel.attach': [
    [{ module: 'host1x', domain: 'display', group: 'mf' }],
    [{ module: 'host1x', domain: 'display', dev: 'mf0' }],
  ],
  'kernel.detach': [[{ module: 'host1x', domain: 'display', dev: 'mf0' }]],
  'traffic.start': [[{ dev: 'mf0', iova: '0x100000', len: '0x1000', access: 'write' }]],
  'traffic.stop': [
    [{ dev: 'mf0' }, { out: { moved: 3, faulted: 0 } }],
    [
      { dev: 'mf1' },
      { out: { moved: 3, faulted: 9, old: 2, new: 1, blocked: 5, dropped: 4, foreign: 0, blackout: null } },
    ],
  ],
  'port.claim': [[{ group: 'mf', owner: 'me' }]],
  'port.release': [[{ group: 'mf', dev: 'mf0', owner: 'me' }]],
  'port.begin': [
    [{ group: 'mf' }, { out: { handle: 'h' } }],
    [{ group: 'mf', dev: 'mf0' }, failed('ENODEV')],
  ],
  'port.capable': [[{ handle: 'h', domain: null, capability: 'isolated-msi' }, { ret: 1 }]],
  'port.attachNew': [[{ handle: 'h', isolatedMsi: true }, { out: { id: 'first' } }]],
  'port.move': [
    [
      { handle: 'h', from: 'first', to: 'second' },
      { ...failed('EINVAL'), out: { nowOn: null } },
    ],
  ],
  'port.map': [[{ domain: 'first', iova: '0x0', vaddr: '0x100000000000', size: '0x1000', flags: 3 }]],
  'port.where': [[{ dev: 'mf1' }, { out: { attached: 'to', domain: null } }]],
  'port.unmap': [[{ domain: 'first', iova: '0x0', size: '0x1000' }]],
  'port.end': [[{ handle: 'h' }]],
  'port.detach': [[{ group: 'mf', domain: 'first' }]],
  'port.free': [[{ domain: 'first' }]],
};

const examples = Object.entries(EXAMPLES).flatMap(([op, each]) =>
  each.map(([args, answer = {}]) => ({ op, args, ...answer })),
);

const place = { source: 'x' };

describe('operations', () => {
  it.each(examples)('$op $args', (example) => {
    expect(parseStep(example, place, '')).toEqual(example);
  });

  it.each(examples)('$op $args in a workload', ({ op, args }) => {
    expect(parseWorkloadStep({ op, args }, place, '')).toEqual({ op, args });
  });

  it.each(examples)('$op $args with an argument too many', ({ op, args }) => {
    expect(() => parseStep({ op, args: { ...args, surplus: 1 } }, place, '')).toThrow(
      /^x: field args\.surplus: no such field/,
    );
  });

  it('are known by their names alone', () => {
    expect(Object.keys(operations).every(isOperationName)).toBe(true);
    for (const other of ['constructor', '__proto__', '', null, 7, ['end']]) {
      expect(isOperationName(other)).toBe(false);
    }
  });
});

describe('an operation with several forms', () => {
  const complaint = (op: OperationName, args: unknown) => () => parseStep({ op, args }, place, 'steps[3]');

  it('is judged by the form that it most resembles', () => {
    expect(complaint('VFIO_GROUP_GET_DEVICE_FD', { fd: 'g', name: 3 })).toThrow(
      'x: field steps[3].args.name: expected a text, got 3',
    );
    expect(complaint('VFIO_IOMMU_DIRTY_PAGES', { fd: 'c', flags: 4, iova: '0x0', size: '0x1000' })).toThrow(
      'x: field steps[3].args.pgsize: missing',
    );
    expect(complaint('VFIO_IOMMU_MAP_DMA', { fd: 'c', arg: 'null' })).toThrow(
      'x: field steps[3].args.arg: expected "NULL", got "null"',
    );
    expect(complaint('edu.dma_read', { fd: 'd', dev: 'mf0', iova: '0x0', len: 1 })).toThrow(
      'x: field steps[3].args.dev: no such field (there are: fd, iova, len)',
    );
    expect(complaint('VFIO_IOMMU_MAP_DMA', 'all')).toThrow(
      'x: field steps[3].args: expected an object, got "all"',
    );
  });
});

describe('numbers', () => {
  const flags = (value: unknown) => () =>
    parseStep({ op: 'VFIO_IOMMU_DIRTY_PAGES', args: { fd: 'c', flags: value } }, place, '');

  it('of 32 bits are whole and in range', () => {
    expect(flags(0xffffffff)).not.toThrow();
    expect(flags(-1)).toThrow('x: field args.flags: expected a number from 0, got -1');
    expect(flags(1.5)).toThrow('x: field args.flags: expected a whole number, got 1.5');
    expect(flags(2 ** 32)).toThrow(
      'x: field args.flags: expected a number that fits 32 bits, got 4294967296',
    );
    expect(flags('3')).toThrow('x: field args.flags: expected a whole number, got "3"');
  });

  it('of 64 bits are hex strings', () => {
    const vaddr = (value: unknown) => () =>
      parseStep({ op: 'mem.unmap', args: { vaddr: value, len: '0x1000' } }, place, '');
    expect(vaddr('0xFFFFFFFFFFFFFFFF')).not.toThrow();
    for (const wrong of ['0x', '1000', '0x10000000000000000', '0xg', ' 0x1', '-0x1', '']) {
      expect(vaddr(wrong)).toThrow(`expected a hex string like "0x1000", got ${JSON.stringify(wrong)}`);
    }
  });
});
