// One design without the rest: allocate from a group and attach it, then see where its device's DMA goes.
import {
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupAllocAndAttach,
  oneStep,
} from '@iommu-lab/api-group-alloc';
import { direct } from '@iommu-lab/explorer';
import { iommuIovaToPhys, iommuMap, Kernel } from '@iommu-lab/kernel';

const kernel = new Kernel({
  era: oneStep.defaultEra,
  machine: {
    ram: [{ start: '0x100000', lengthBytes: '0x4000000' }],
    unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a' },
    functions: [{ address: '0000:00:03.0', kind: 'endpoint', model: 'edu' }],
  },
  groups: {},
  defaultDomain: 'dma',
  interruptRemapping: true,
  modules: [],
  moduleParameters: {},
});
const api = direct(kernel.world, {
  allocAndAttach: iommuGroupAllocAndAttach,
  detach: iommuDetachGroup,
  free: iommuDomainFree,
  map: iommuMap,
  iovaToPhys: iommuIovaToPhys,
});

const [group] = kernel.groups();
const domain = api.allocAndAttach(group);
const frame = kernel.machine.memory.allocateFrame();
console.log('map:', api.map(domain, 0x10, frame, 1, 3));
console.log('iova 0x10000 is physical page', api.iovaToPhys(domain, 0x10) === frame ? 'as mapped' : 'wrong');
api.detach(domain, group);
api.free(domain);
console.log('violations:', kernel.world.violations.length);
