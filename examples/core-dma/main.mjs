// A device writes into memory through the IOMMU: build a machine, map a page, let the device's DMA run.
import { addressOf, createMachine, PageTable, PROT_READ, PROT_WRITE, vtd, vtdSecondStage } from '@iommu-lab/core';

const machine = createMachine({
  ram: [{ start: '0x100000', lengthBytes: '0x8000000' }],
  unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a' },
  functions: [{ address: '0000:00:03.0', kind: 'integrated-endpoint', model: 'edu' }],
});
const { memory, unit } = machine;

// A page table that maps iova 0x100000, and the root and context entries that lead to it.
const frame = memory.allocateFrame();
const table = PageTable.create(memory, vtdSecondStage, { levels: 3 });
table.map(0x100000n, addressOf(frame), 4096n, PROT_READ | PROT_WRITE);
const [root, contexts] = [memory.allocateTable(), memory.allocateTable()];
const { low, high } = vtd.contextEntry({
  tablePage: table.rootPage,
  translationType: 0,
  addressWidth: 1,
  domainId: 1,
});
memory.writeEntry(root, 0, vtd.rootEntry(contexts).low);
memory.writeEntry(contexts, 0x18 * 2, low);
memory.writeEntry(contexts, 0x18 * 2 + 1, high);
unit.writeRegister(vtd.REGISTER.RTADDR, addressOf(root));
unit.writeRegister(vtd.REGISTER.GCMD, 1n << 30n); // take the root table over
unit.writeRegister(vtd.REGISTER.GCMD, 1n << 31n); // switch translation on

// Tell the device to copy 64 bytes from iova 0x100000 into its buffer, and run the transfer.
memory.fillBytes(frame, 0, 64, 0x5a);
const edu = machine.edu('0000:00:03.0');
edu.memoryEnabled = true;
edu.busMaster = true;
edu.writeRegister(0x80, 8, 0x100000n); // source
edu.writeRegister(0x88, 8, 0x40000n); // destination: the device's buffer
edu.writeRegister(0x90, 8, 64n); // bytes
edu.writeRegister(0x98, 8, 1n); // start
while (edu.transfer !== null) edu.transfer.step();

console.log('device holds', edu.bufferBytes().subarray(0, 4));
console.log('iova 0x100000 translates to', unit.translate(0x18, 0x100, 0) === frame ? 'its frame' : 'something else');
console.log('iova 0x200000 is refused with reason', -unit.translate(0x18, 0x200, 0), unit.takeFaults());
