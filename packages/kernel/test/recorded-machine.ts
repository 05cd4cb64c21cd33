/** The machine of the recordings, small enough to read: seven edu functions behind root ports and a bridge. */
import type { PciFunctionDescription } from '@iommu-lab/core';
import type { EraId, KernelConfig } from '../src/index';

const ACS = { capability: 0x5f, control: 0x1d };

const rootPort = (slot: number, secondaryBus: number): PciFunctionDescription => ({
  address: `0000:00:0${slot}.0`,
  kind: 'root-port',
  secondaryBus,
  acs: ACS,
});

const edu = (
  name: string,
  address: string,
  extra: Partial<PciFunctionDescription> = {},
): PciFunctionDescription => ({
  address,
  kind: 'endpoint',
  model: 'edu',
  name,
  conventional: true,
  vendorId: 0x1234,
  deviceId: 0x11e8,
  ...extra,
});

export function recordedMachine(era: EraId, overrides: Partial<KernelConfig> = {}): KernelConfig {
  return {
    era,
    machine: {
      ram: [
        { start: '0x0', lengthBytes: '0xa0000' },
        { start: '0x100000', lengthBytes: '0x3ff00000' },
      ],
      unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a', behaviour: 'qemu-7.2' },
      functions: [
        rootPort(1, 1),
        rootPort(2, 2),
        rootPort(3, 3),
        rootPort(4, 5),
        edu('mf0', '0000:00:05.0', { multifunction: true }),
        edu('mf1', '0000:00:05.1', { multifunction: true }),
        edu('solo1', '0000:01:00.0'),
        edu('solo2', '0000:02:00.0'),
        { address: '0000:03:00.0', kind: 'pcie-to-pci-bridge', secondaryBus: 4 },
        edu('pair1', '0000:04:01.0'),
        edu('pair2', '0000:04:02.0'),
        edu('hot', '0000:05:00.0'),
      ],
    },
    groups: { solo1: 7 },
    defaultDomain: 'dma',
    interruptRemapping: true,
    modules: [],
    moduleParameters: {},
    ...overrides,
  };
}
