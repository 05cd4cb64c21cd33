/** The recorded systems: seven edu functions behind VT-d, all bound to vfio-pci. (kernel-traces README, "Topology") */
import type { PciFunctionDescription } from '@iommu-lab/core';
import type { EraId } from '@iommu-lab/kernel';
import type { SystemProfile } from '../src/index';

const ACS = { capability: 0x5f, control: 0x1d };

/** The header that firmware left: INTx pin 1 on line 11, memory and I/O on, one MSI capability at 0x40. */
const config = (bar0: string) =>
  `3412e811030110001000ff0000000000${bar0}${'00'.repeat(24)}` +
  `f41a00110000000040000000000000000b010000${'05008000'}${'00'.repeat(12)}`;

function littleEndian(value: number): string {
  const bytes = [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function edu(name: string, address: string, bar0: number, multifunction = false): PciFunctionDescription {
  return {
    address,
    kind: 'endpoint',
    conventional: true,
    multifunction,
    model: 'edu',
    name,
    vendorId: 0x1234,
    deviceId: 0x11e8,
    config: config(littleEndian(bar0)),
    bar0: { physical: `0x${bar0.toString(16)}`, lengthBytes: 0x100000 },
  };
}

const rootPort = (slot: number, secondaryBus: number): PciFunctionDescription => ({
  address: `0000:00:0${slot}.0`,
  kind: 'root-port',
  secondaryBus,
  acs: ACS,
});

export function recordedProfile(era: EraId, overrides: Partial<SystemProfile> = {}): SystemProfile {
  return {
    era,
    release: era,
    releaseProfile: 'intel',
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
        edu('mf0', '0000:00:05.0', 0xfe000000, true),
        edu('mf1', '0000:00:05.1', 0xfe100000, true),
        edu('solo1', '0000:01:00.0', 0xfde00000),
        edu('solo2', '0000:02:00.0', 0xfdc00000),
        { address: '0000:03:00.0', kind: 'pcie-to-pci-bridge', secondaryBus: 4, name: 'bridge' },
        edu('pair1', '0000:04:01.0', 0xfd900000),
        edu('pair2', '0000:04:02.0', 0xfda00000),
        edu('hot', '0000:05:00.0', 0xfd600000),
      ],
    },
    groups: { mf0: 5, solo1: 7, solo2: 8, bridge: 9, hot: 10 },
    defaultDomain: 'dma',
    interruptRemapping: true,
    modules: [],
    moduleParameters: { 'vfio_iommu_type1.dma_entry_limit': 65535 },
    boundAtBoot: {
      mf0: 'vfio-pci',
      mf1: 'vfio-pci',
      solo1: 'vfio-pci',
      solo2: 'vfio-pci',
      pair1: 'vfio-pci',
      pair2: 'vfio-pci',
      hot: 'vfio-pci',
    },
    ...overrides,
  };
}

/** Group numbers by the label of a trace. */
export const GROUP = { mf: 5, solo1: 7, solo2: 8, pair: 9, hot: 10 } as const;
