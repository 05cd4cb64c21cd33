/**
 * A built-in variant whose port says that the frontend attaches with the first open device. What it declares speaks of
 * its own attach time and is left out.
 */
import type { Variant } from '@iommu-lab/kernel';

export function attachedWithDevice(variant: Variant): Variant {
  const { differs: _, ...rest } = variant;
  const { domain } = variant.ports;
  if (domain === undefined) throw new Error(`${variant.id} has no domain port`);
  return {
    ...rest,
    id: `${variant.id}, with the device`,
    ports: { ...variant.ports, domain: { ...domain, attachTime: 'device-fd' } },
  };
}
