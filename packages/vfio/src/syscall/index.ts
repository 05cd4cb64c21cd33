/** System calls as kernel code: bodies of threads in a search. */
export { sysClose, sysDup, sysIoctl, sysPread, sysPwrite, sysRead, sysWrite } from './descriptors';
export { type AccessSignal, userMmioLoad, userMmioStore } from './device-memory';
export { sysMmap, sysMunmap } from './mappings';
export { sysEventfd, sysOpen } from './open';
export { sysExit, sysFork, sysSetMemlock, sysSetUid } from './process';
