/** PCI addresses, bridges, requester ids, presence. */
import { describe, expect, it } from 'vitest';
import {
  createMachine,
  formatPciAddress,
  type PciFunction,
  type PciFunctionDescription,
  parsePciAddress,
} from '../src/index';
import { recordedMachine } from './recorded-machine';

const named = (functions: readonly PciFunction[]): string[] => functions.map((f) => f.address.slice(5));
const machineOf = (...functions: PciFunctionDescription[]) =>
  createMachine({ ram: [{ start: '0x0', lengthBytes: '0x100000' }], unit: null, functions }).pci;

describe('addresses', () => {
  it('are read and written', () => {
    expect(parsePciAddress('0001:a4:1f.7')).toEqual({ segment: 1, bus: 0xa4, devfn: 0xff });
    expect(parsePciAddress('04:01.0')).toEqual({ segment: 0, bus: 4, devfn: 8 });
    expect(formatPciAddress({ segment: 0, bus: 4, devfn: 8 })).toBe('0000:04:01.0');
  });
  it.each(['', '4:1.0', '00:20.0', '00:00.8', 'x'])('%j is none', (text) => {
    expect(() => parsePciAddress(text)).toThrow(TypeError);
  });
});

describe('the recorded machine', () => {
  const { pci } = recordedMachine();
  const at = (address: string): PciFunction => pci.find(`0000:${address}`) as PciFunction;

  it('is scanned bus by bus, depth first', () => {
    expect(named(pci.functions())).toEqual([
      ...['00:00.0', '00:02.0', '00:02.1', '00:02.2', '00:02.3', '00:05.0', '00:05.1'],
      ...['01:00.0', '02:00.0', '03:00.0', '04:01.0', '04:02.0', '05:00.0'],
    ]);
  });
  it('knows what lies above and below', () => {
    expect(pci.bridgeAbove(at('04:01.0'))).toBe(at('03:00.0'));
    expect(pci.bridgeAbove(at('03:00.0'))).toBe(at('00:02.2'));
    expect(pci.bridgeAbove(at('00:05.0'))).toBeNull();
    expect(named(pci.below(at('00:02.2')))).toEqual(['03:00.0', '04:01.0', '04:02.0']);
    expect(pci.below(at('00:05.0'))).toEqual([]);
  });
  it('sends DMA behind the bridge under the id of its secondary bus, devfn 0', () => {
    expect(pci.dmaAliases(at('04:02.0'))).toEqual([0x410, 0x400]);
    expect(pci.dmaRequesterId(at('04:01.0'))).toBe(0x400);
    expect(pci.dmaRequesterId(at('03:00.0'))).toBe(0x300);
    expect(pci.dmaAliases(at('01:00.0'))).toEqual([0x100]);
    expect(pci.dmaAliases(at('00:05.1'))).toEqual([0x29]);
  });
});

it('a conventional bridge answers with its own id', () => {
  const pci = machineOf(
    { address: '00:1e.0', kind: 'pcie-to-pci-bridge', conventional: true, secondaryBus: 1 },
    { address: '01:03.0', kind: 'endpoint', conventional: true },
  );
  expect(pci.dmaAliases(pci.find('0000:01:03.0') as PciFunction)).toEqual([0x118, 0xf0]);
});

describe('presence', () => {
  it('goes with the bridge above and comes back with a rescan', () => {
    const { pci } = recordedMachine();
    const bridge = pci.find('0000:03:00.0') as PciFunction;
    pci.remove(bridge);
    expect(pci.find('0000:04:01.0')).toBeNull();
    expect(pci.functions()).toHaveLength(10);
    expect(named(pci.rescan())).toEqual(['03:00.0', '04:01.0', '04:02.0']);
    expect(pci.rescan()).toEqual([]);
    expect(pci.find('0000:04:01.0')?.present).toBe(true);
  });
});

describe('mistakes in a description', () => {
  const endpoint = (address: string): PciFunctionDescription => ({ address, kind: 'endpoint' });
  it('two functions at one address', () => {
    expect(() => machineOf(endpoint('00:01.0'), endpoint('0000:00:01.0'))).toThrow(
      'two functions at 0000:00:01.0',
    );
  });
  it('a bridge without a bus behind it', () => {
    expect(() => machineOf({ address: '00:01.0', kind: 'root-port' })).toThrow('secondaryBus');
  });
  it('bridges that lead to each other', () => {
    const loop = (address: string, secondaryBus: number) => ({
      address,
      kind: 'root-port' as const,
      secondaryBus,
    });
    expect(() => machineOf(loop('01:00.0', 2), loop('02:00.0', 1))).toThrow('loop');
  });
});
