/** A built-in variant whose port says that the frontend attaches with the first open device. */
import type { Variant } from '@iommu-lab/kernel';

export function attachedWithDevice(variant: Variant): Variant {
  const { domain } = variant.ports;
  if (domain === undefined) throw new Error(`${variant.id} has no domain port`);
  return {
    ...variant,
    id: `${variant.id}, with the device`,
    ports: { ...variant.ports, domain: { ...domain, attachTime: 'device-fd' } },
  };
}
