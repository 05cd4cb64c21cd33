/**
 * A design's domain port called directly, without a frontend. `begin` names a handle, `attachNew` names a domain;
 * later steps use the names. `ret` of `port.capable` is 0 or 1.
 */
import * as v from 'valibot';
import { operation } from '../operation';
import { deviceLabel, flag, groupLabel, hexNumber, name, uint32 } from '../values';

/** `dev` is the device that the caller itself holds, where it holds one. */
const target = { group: groupLabel, dev: v.exactOptional(deviceLabel) };

const capability = v.picklist([
  'cache-coherency',
  'isolated-msi',
  'enforce-cache-coherency',
  'dirty-tracking',
]);

export const portOperations = {
  /** Ownership of the group's DMA; `owner` names any owner, the first use makes it. */
  'port.claim': operation(v.strictObject({ ...target, owner: name })),
  'port.release': operation(v.strictObject({ ...target, owner: name })),
  'port.begin': operation(v.strictObject(target), { handle: v.exactOptional(name) }),
  'port.capable': operation(v.strictObject({ handle: name, domain: v.nullable(name), capability })),
  'port.attachNew': operation(
    v.strictObject({ handle: name, nesting: v.exactOptional(flag), isolatedMsi: v.exactOptional(flag) }),
    { id: v.exactOptional(name) },
  ),
  /** After a failure `nowOn` names the domain that the group is on, null for neither. */
  'port.move': operation(v.strictObject({ handle: name, from: name, to: name }), {
    nowOn: v.exactOptional(v.nullable(name)),
  }),
  /** Maps the user's memory in the domain as the core does it: pages are pinned, the IOMMU is told. */
  'port.map': operation(
    v.strictObject({ domain: name, iova: hexNumber, vaddr: hexNumber, size: hexNumber, flags: uint32 }),
  ),
  'port.unmap': operation(v.strictObject({ domain: name, iova: hexNumber, size: hexNumber })),
  'port.end': operation(v.strictObject({ handle: name })),
  'port.detach': operation(v.strictObject({ ...target, domain: name })),
  /**
   * Where a device is: `attached` as the hardware has it, `domain` as its group has it, `default`, `blocking`, a name
   * that a step gave, `other`, or null for none.
   */
  'port.where': operation(v.strictObject({ dev: deviceLabel }), {
    attached: v.exactOptional(v.nullable(name)),
    domain: v.exactOptional(v.nullable(name)),
  }),
  /** Frees the domain; nothing may be attached to it any more. */
  'port.free': operation(v.strictObject({ domain: name })),
};
