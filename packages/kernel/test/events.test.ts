import type { TraceEvent } from '@iommu-lab/explorer';
import { describe, expect, it } from 'vitest';
import { iommuAttachGroup, iommuMap, iommuPagingDomainAlloc, isErrno, Kernel } from '../src/index';
import { deviceOf, groupOf, run } from './call';
import { recordedMachine } from './recorded-machine';

describe('events', () => {
  it('name the function with its era, and what of the hardware is touched', () => {
    const kernel = new Kernel(recordedMachine('6.12'));
    const domain = run(kernel, () => iommuPagingDomainAlloc(deviceOf(kernel, 'solo1')));
    if (isErrno(domain)) throw new Error(domain);
    const events: TraceEvent[] = [];
    kernel.world.listener = (event) => events.push(event);
    run(kernel, () => iommuAttachGroup(domain, groupOf(kernel, 'solo1')));
    run(kernel, () => iommuMap(domain, 0x100, 0x2345, 2, 3));
    const id = domain.hardwareId.value;
    const lines = events.map((event) => `${event.kind} ${event.name} ${event.target} ${event.detail}`.trim());
    expect(lines).toContain(`call iommu_attach_group@6.12 ${domain.label}, iommu_group:7`);
    expect(lines).toContain('operation hw.write_context iommu:dmar0 01:00.0 cleared');
    expect(lines).toContain(`operation hw.write_context iommu:dmar0 01:00.0 domain ${id}`);
    expect(lines).toContain(`operation hw.invalidate_iotlb_domain iommu:dmar0 domain ${id}`);
    expect(lines).toContain(`operation hw.map ${domain.label} iova 0x100000 to 0x2345000 pages 2`);
    expect(lines).toContain(
      `operation hw.invalidate_iotlb_range iommu:dmar0 domain ${id} iova 0x100000 pages 2`,
    );
  });
});
