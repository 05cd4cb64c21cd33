/**
 * PCI addresses: segment, bus, device and function, written `0000:04:01.0`.
 */
export interface PciAddress {
  readonly segment: number;
  readonly bus: number;
  /** Device number in bits 7:3, function in bits 2:0. */
  readonly devfn: number;
}

const FORM = /^(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i;

/** Reads an address; the segment may be left out. TypeError for anything else. */
export function parsePciAddress(text: string): PciAddress {
  const match = FORM.exec(text);
  if (match === null) throw new TypeError(`'${text}' is no PCI address like 0000:04:01.0`);
  const number = (part: string | undefined): number => Number.parseInt(part ?? '0', 16);
  return {
    segment: number(match[1]),
    bus: number(match[2]),
    devfn: (number(match[3]) << 3) | number(match[4]),
  };
}

/** Writes an address in full, in lower case. */
export function formatPciAddress({ segment, bus, devfn }: PciAddress): string {
  const part = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `${part(segment, 4)}:${part(bus, 2)}:${part(devfn >> 3, 2)}.${devfn & 7}`;
}

/** The 16-bit id that a transaction of this bus and devfn carries. */
export function requesterIdOf(bus: number, devfn: number): number {
  return (bus << 8) | devfn;
}
