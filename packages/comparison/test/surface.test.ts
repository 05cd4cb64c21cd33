/** What VFIO calls over a design: observed, with the callers. */
import { observeOperations, observeSurface, type Surface } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { describe, expect, it, vi } from 'vitest';
import { findVariant, VARIANTS } from '../src/index';

vi.setConfig({ testTimeout: 60_000 });

const ATTACH = 'vfio_iommu_type1_attach_group';
const DETACH = 'vfio_iommu_type1_detach_group';

function surfaceOf(id: string): Surface {
  return observeSurface(findVariant(id));
}

const callersOf = (surface: Surface, name: string) => [...(surface.get(name) ?? [])].sort();

describe('what VFIO calls', () => {
  it('over the group interface is what it called when the thread was written', () => {
    const surface = surfaceOf('group/attach');
    expect(callersOf(surface, 'iommu_group_for_each_dev')).toEqual([ATTACH]);
    expect(callersOf(surface, 'iommu_domain_alloc')).toEqual([ATTACH]);
    expect(callersOf(surface, 'iommu_capable')).toEqual([ATTACH]);
    expect(callersOf(surface, 'iommu_attach_group')).toEqual([ATTACH]);
    expect(callersOf(surface, 'iommu_detach_group')).toEqual([ATTACH, DETACH]);
    for (const name of surface.keys()) expect(name).not.toMatch(/device$|^device_|paging/);
  });

  it('over the device interface names a device throughout, but where a detach has none', () => {
    const pinned = surfaceOf('device/pinned');
    for (const name of [
      'iommu_group_for_each_dev',
      'iommu_attach_group',
      'iommu_capable',
      'iommu_domain_alloc',
    ]) {
      expect([name, callersOf(pinned, name)]).toEqual([name, []]);
    }
    expect(callersOf(pinned, 'iommu_detach_group')).toEqual([]);
    expect(callersOf(pinned, 'iommu_detach_device')).toEqual([ATTACH, DETACH]);
    const passedIn = surfaceOf('device/passed-in');
    expect(callersOf(passedIn, 'iommu_detach_group')).toEqual([ATTACH, DETACH]);
    expect(callersOf(passedIn, 'iommu_detach_device')).toEqual([ATTACH]);
  });

  it('inside the callback of an iterator is called by who iterates', () => {
    expect(callersOf(surfaceOf('group-alloc/iterator'), 'iommu_paging_domain_alloc')).toEqual([ATTACH]);
  });

  it.each(VARIANTS.map((variant) => [variant.id, variant] as const))(
    'over %s includes what the watched operations call',
    (_, variant) => {
      const surface = observeSurface(variant);
      for (const name of observeOperations(variant).entryPoints) expect([...surface.keys()]).toContain(name);
    },
  );

  it('lacks what a design does not call', () => {
    const pinned = findVariant('device/pinned');
    const domain = pinned.ports.domain as NonNullable<Variant['ports']['domain']>;
    const silent: Variant = { ...pinned, ports: { ...pinned.ports, domain: { ...domain, *detach() {} } } };
    expect(callersOf(observeSurface(silent), 'iommu_detach_device')).toEqual([ATTACH]);
  });
});
