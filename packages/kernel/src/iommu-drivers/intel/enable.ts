/** Bringing a unit up: root table, invalidation queue, translation. `@kernel init_dmars` */
import { addressOf, vtd } from '@iommu-lab/core';
import type { IntelIommu } from './iommu';

const { GCMD, RTADDR, IQT, IQA } = vtd.REGISTER;
const TRANSLATION_ENABLE = BigInt(vtd.GLOBAL.TRANSLATION_ENABLE);
const SET_ROOT_TABLE = BigInt(vtd.GLOBAL.SET_ROOT_TABLE);
const QUEUED_INVALIDATION = BigInt(vtd.GLOBAL.QUEUED_INVALIDATION);

/** Precondition: the unit is as after power-on. Everything that is DMAed afterwards is translated or refused. */
export function enableUnit(instance: IntelIommu): void {
  const { unit } = instance;
  unit.writeRegister(IQT, 0n);
  unit.writeRegister(IQA, addressOf(instance.queuePage));
  unit.writeRegister(GCMD, QUEUED_INVALIDATION);
  unit.writeRegister(RTADDR, addressOf(instance.rootTable));
  unit.writeRegister(GCMD, QUEUED_INVALIDATION | SET_ROOT_TABLE);
  unit.writeRegister(GCMD, QUEUED_INVALIDATION | TRANSLATION_ENABLE);
}
