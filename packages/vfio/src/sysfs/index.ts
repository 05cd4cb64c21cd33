/** Verbs of sysfs as kernel code: bodies of threads in a search. */
export { sysfsConfigRead, sysfsConfigWrite, sysfsMapBar } from './config';
export { sysfsDescribe } from './describe-device';
export { sysfsBind, sysfsUnbind } from './drivers';
export { sysfsRemove, sysfsRescan } from './hotplug';
export { sysfsWriteParameter } from './parameters';
export { Sysfs } from './sysfs';
