/** Operations of our own workloads that act without a descriptor: a module's own domain, DMA that never stops. */
import * as v from 'valibot';
import { operation } from '../operation';
import { count, deviceLabel, groupLabel, hexNumber, name } from '../values';

/** `domain` names the module's own domain; the first use makes it. */
const attachment = v.union([
  v.strictObject({ module: name, domain: name, group: groupLabel }),
  v.strictObject({ module: name, domain: name, dev: deviceLabel }),
]);

export const inKernelOperations = {
  'kernel.attach': operation(attachment),
  'kernel.detach': operation(attachment),
  /** From now on the device does DMA by itself over `len` bytes from `iova`, until `traffic.stop`. */
  'traffic.start': operation(
    v.strictObject({
      dev: deviceLabel,
      iova: hexNumber,
      len: hexNumber,
      access: v.picklist(['read', 'write']),
    }),
  ),
  /**
   * What became of its transactions since the start, the first and the last of which are made by start and stop: `old`
   * and `new` reached the page of the domain before or after, `blocked` and `dropped` were refused, `foreign` reached
   * anything else. `moved` is old, new and foreign together, `faulted` the others. `blackout`: steps during which none
   * was old or new, null where that lasts.
   */
  'traffic.stop': operation(v.strictObject({ dev: deviceLabel }), {
    moved: v.exactOptional(count),
    faulted: v.exactOptional(count),
    old: v.exactOptional(count),
    new: v.exactOptional(count),
    blocked: v.exactOptional(count),
    dropped: v.exactOptional(count),
    foreign: v.exactOptional(count),
    blackout: v.exactOptional(v.nullable(count)),
  }),
};
