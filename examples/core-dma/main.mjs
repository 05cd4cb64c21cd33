// A device reads memory through the IOMMU: build a machine, map a page, let the device's DMA run.
import { addressOf, createMachine, PageTable, PROT_READ, vtd, vtdSecondStage } from '@iommu-lab/core';

const machine = createMachine({
  ram: [{ start: '0x100000', lengthBytes: '0x8000000' }],
  unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a' },
  functions: [{ address: '0000:00:03.0', kind: 'integrated-endpoint', model: 'edu' }],
});
const { memory, unit } = machine;

// Map: a page table, and the root and context entries that lead the device (requester id 0x18) to it.
const [frame, root, contexts] = [memory.allocateFrame(), memory.allocateTable(), memory.allocateTable()];
const table = PageTable.create(memory, vtdSecondStage, { levels: 3 });
table.map(0x100000n, addressOf(frame), 4096n, PROT_READ);
const tablePage = table.rootPage;
const context = vtd.contextEntry({ tablePage, translationType: 0, addressWidth: 1, domainId: 1 });
memory.writeEntry(root, 0, vtd.rootEntry(contexts).low);
memory.writeEntry(contexts, 0x18 * 2, context.low);
memory.writeEntry(contexts, 0x18 * 2 + 1, context.high);
unit.writeRegister(vtd.REGISTER.RTADDR, addressOf(root));
unit.writeRegister(vtd.REGISTER.GCMD, 1n << 30n); // take the root table over
unit.writeRegister(vtd.REGISTER.GCMD, 1n << 31n); // translation on

// DMA: the device copies 64 bytes from iova 0x100000 into its buffer, page by page.
memory.fillBytes(frame, 0, 64, 0x5a);
const edu = machine.edu('0000:00:03.0');
edu.memoryEnabled = true;
edu.busMaster = true;
edu.writeRegister(0x80, 8, 0x100000n); // source
edu.writeRegister(0x88, 8, 0x40000n); // destination: the device's buffer
edu.writeRegister(0x90, 8, 64n); // bytes
edu.writeRegister(0x98, 8, 1n); // start
while (edu.transfer !== null) edu.transfer.step();
console.log('the device holds', edu.bufferBytes().slice(0, 4));

// Translate: what hardware answers for a mapped page, and for one that is not.
console.log('iova 0x100000 leads to the frame:', unit.translate(0x18, 0x100, 0) === frame);
console.log('iova 0x200000 is refused with reason', -unit.translate(0x18, 0x200, 0));
