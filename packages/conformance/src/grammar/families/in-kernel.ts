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
  /** `moved` and `faulted`: pages since the start. */
  'traffic.stop': operation(v.strictObject({ dev: deviceLabel }), {
    moved: v.exactOptional(count),
    faulted: v.exactOptional(count),
  }),
};
