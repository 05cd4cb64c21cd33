/** The machine that the kernel recordings were made on: seven edu devices behind ports and a bridge. */
import {
  createMachine,
  type Machine,
  type MachineDescription,
  type PciFunctionDescription,
} from '../src/index';

const ACS = { capability: 0x5f, control: 0x1d };
const port = (address: string, secondaryBus: number): PciFunctionDescription => ({
  address,
  kind: 'root-port',
  secondaryBus,
  acs: ACS,
});
const edu = (
  address: string,
  name: string,
  more: Partial<PciFunctionDescription> = {},
): PciFunctionDescription => ({
  address,
  kind: 'endpoint',
  conventional: true,
  model: 'edu',
  name,
  ...more,
});

const RECORDED_MACHINE: MachineDescription = {
  ram: [
    { start: '0x0', lengthBytes: '0xa0000' },
    { start: '0x100000', lengthBytes: '0x1ff00000' },
  ],
  unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a', behaviour: 'qemu-7.2' },
  functions: [
    { address: '0000:00:00.0', kind: 'host-bridge', conventional: true },
    port('0000:00:02.0', 1),
    port('0000:00:02.1', 2),
    port('0000:00:02.2', 3),
    port('0000:00:02.3', 5),
    edu('0000:00:05.0', 'mf0', { multifunction: true }),
    edu('0000:00:05.1', 'mf1'),
    edu('0000:01:00.0', 'solo1'),
    edu('0000:02:00.0', 'solo2'),
    { address: '0000:03:00.0', kind: 'pcie-to-pci-bridge', secondaryBus: 4 },
    edu('0000:04:01.0', 'pair1'),
    edu('0000:04:02.0', 'pair2'),
    edu('0000:05:00.0', 'hot'),
  ],
};

export function recordedMachine(): Machine {
  return createMachine(RECORDED_MACHINE);
}
