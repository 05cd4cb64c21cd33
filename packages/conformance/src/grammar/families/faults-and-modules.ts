/** Operations of our own workloads that make the kernel fail or change: injected failures, modules, buses. */
import * as v from 'valibot';
import { operation } from '../operation';
import { deviceLabel, errno, name } from '../values';

const module = v.strictObject({ module: name });
const bus = v.strictObject({ bus: name });

export const faultAndModuleOperations = {
  /** The `call`-th call (from 1) of an operation, of one device or of any, fails with `errno`. */
  inject: operation(
    v.strictObject({
      operation: name,
      dev: v.exactOptional(deviceLabel),
      call: v.pipe(
        v.number('expected a whole number'),
        v.integer('expected a whole number'),
        v.minValue(1, 'calls are counted from 1'),
      ),
      errno,
    }),
  ),
  'module.load': operation(module),
  'module.unload': operation(module),
  'bus.register': operation(bus),
  'bus.unregister': operation(bus),
};
