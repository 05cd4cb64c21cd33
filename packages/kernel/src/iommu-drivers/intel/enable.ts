/** Bringing a unit up: root table, invalidation queue, translation. `@kernel init_dmars` */
import type { IommuInstance } from '../../iommu-instance';

// Registers and command bits. (VT-d specification, 11.4.4 to 11.4.9)
const GCMD = 0x18;
const RTADDR = 0x20;
const IQT = 0x88;
const IQA = 0x90;
const GCMD_TRANSLATION_ENABLE = 1n << 31n;
const GCMD_SET_ROOT_TABLE = 1n << 30n;
const GCMD_QUEUE_ENABLE = 1n << 26n;

/** Precondition: the unit is as after power-on. Everything that is DMAed afterwards is translated or refused. */
export function enableUnit(instance: IommuInstance): void {
  const { unit, machine } = instance;
  unit.writeRegister(IQT, 0n);
  unit.writeRegister(IQA, BigInt(machine.memory.allocateTable()) << 12n);
  unit.writeRegister(GCMD, GCMD_QUEUE_ENABLE);
  unit.writeRegister(RTADDR, BigInt(instance.rootTable) << 12n);
  unit.writeRegister(GCMD, GCMD_QUEUE_ENABLE | GCMD_SET_ROOT_TABLE);
  unit.writeRegister(GCMD, GCMD_QUEUE_ENABLE | GCMD_TRANSLATION_ENABLE);
}
