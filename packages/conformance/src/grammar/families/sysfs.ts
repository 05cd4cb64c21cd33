/**
 * What an administrator does through sysfs: drivers, removal and rescan, configuration space and BAR0 without VFIO.
 *
 * `sysfs.bind` first unbinds, does nothing where the driver is bound already, and leaves `none` where the probe is
 * refused. With `async` the call starts in a child and may wait; `.done` reports its end.
 */
import * as v from 'valibot';
import { noArgs, operation } from '../operation';
import { count, deviceLabel, flag, hexNumber, name } from '../values';

const device = v.strictObject({ dev: deviceLabel });
const mayWait = v.strictObject({ dev: deviceLabel, async: v.exactOptional(flag) });

/** Whether the call is still waiting, and whether the device is still there. */
const state = { blocked: v.exactOptional(flag), present: v.exactOptional(flag) };

export const sysfsOperations = {
  'sysfs.bind': operation(v.strictObject({ dev: deviceLabel, driver: name })),
  'sysfs.unbind': operation(mayWait, state),
  'sysfs.unbind.done': operation(device, state),
  'sysfs.remove': operation(mayWait, state),
  'sysfs.remove.done': operation(device, state),
  'sysfs.rescan': operation(noArgs),
  'sysfs.config.write': operation(
    v.strictObject({ dev: deviceLabel, off: hexNumber, len: count, value: hexNumber }),
  ),
  'sysfs.bar.mmap': operation(v.strictObject({ dev: deviceLabel, vaddr: hexNumber, len: hexNumber })),
  /** A module's parameter, as text. */
  'param.write': operation(v.strictObject({ param: name, value: v.string('expected a text') })),
};
