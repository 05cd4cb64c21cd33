/** The machine of the recordings, as far as type1 looks at it: edu functions behind root ports and a bridge. */
import type { PciFunctionDescription } from '@iommu-lab/core';
import type { EraId, KernelConfig } from '@iommu-lab/kernel';

const ACS = { capability: 0x5f, control: 0x1d };

const rootPort = (slot: number, secondaryBus: number): PciFunctionDescription => ({
  address: `0000:00:0${slot}.0`,
  kind: 'root-port',
  secondaryBus,
  acs: ACS,
});

const edu = (name: string, address: string): PciFunctionDescription => ({
  address,
  kind: 'endpoint',
  model: 'edu',
  name,
  conventional: true,
});

export function recordedMachine(era: EraId, overrides: Partial<KernelConfig> = {}): KernelConfig {
  return {
    era,
    machine: {
      ram: [
        { start: '0x0', lengthBytes: '0xa0000' },
        { start: '0x100000', lengthBytes: '0x3ff00000' },
      ],
      unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a' },
      functions: [
        rootPort(1, 1),
        rootPort(2, 2),
        rootPort(3, 3),
        edu('solo1', '0000:01:00.0'),
        edu('solo2', '0000:02:00.0'),
        { address: '0000:03:00.0', kind: 'pcie-to-pci-bridge', secondaryBus: 4 },
        edu('pair1', '0000:04:01.0'),
        edu('pair2', '0000:04:02.0'),
      ],
    },
    groups: {},
    defaultDomain: 'dma',
    interruptRemapping: true,
    modules: [],
    moduleParameters: {},
    ...overrides,
  };
}
