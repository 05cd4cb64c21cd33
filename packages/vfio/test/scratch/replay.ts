import { readFileSync } from 'node:fs';
import { referenceVariant, type Variant } from '@iommu-lab/kernel';
import { System, calls, isReturned, type Answer, type Task } from '../../src/index';
import * as numbers from '../../src/ioctl/numbers';
import * as uapi from '../../src/type1/uapi';

export function loadProfile(name: string): any {
  const p = JSON.parse(readFileSync(new URL(`../../../conformance/profiles/${name}.json`, import.meta.url), 'utf8'));
  const groups: Record<string, number> = {};
  for (const g of Object.values<any>(p.groups)) groups[g.members[0]] = g.number;
  return { ...p, groups, groupLabels: Object.fromEntries(Object.entries<any>(p.groups).map(([l, g]) => [g.number, l])), groupNumbers: Object.fromEntries(Object.entries<any>(p.groups).map(([l, g]) => [l, g.number])) };
}
const n = (x: any) => BigInt(x);
export class Runner {
  system: System; task: Task; parent: Task | null = null; fds = new Map<string, number>(); pendingCalls = new Map<string, any>();
  physNames = new Map<string, string>(); events = new Map<string, number>(); lastEvent = -1;
  constructor(readonly p: any, variant: Variant = referenceVariant) { this.system = new System(p, variant); this.task = this.system.newTask(); }
  fd(x: string): number { const m = /^bad\((-?\d+)\)$/.exec(x); if (m) return Number(m[1]); if (x.startsWith('/')) { const a = this.system.open(this.task, x); return (a as any).ret; } return this.fds.get(x) ?? 9999; }
  iova(x: string): bigint { const m = /^phys\((.*)\)$/.exec(x); if (!m) return n(x); const v = n(m[1]); const ph = this.task.mm.physicalOf(v)!; this.physNames.set('0x' + (ph >> 12n << 12n).toString(16), `phys(0x${(v >> 12n << 12n).toString(16)})`); return ph; }
  do(call: any) { const { answer, out } = this.system.perform(this.task, call); return this.fin(answer, out); }
  fin(a: Answer, out: any = {}) { if (isReturned(a)) return { ret: a.ret, errno: a.errno, out }; if ('blocked' in a) return { ret: null, errno: null, out: { ...out, kernel: 'hang' }, fiber: a.fiber }; return { ret: null, errno: null, out: { kernel: a.oops.kind, at: a.oops.at, message: a.oops.message } }; }
  handle(r: any, name?: string) { if (r.ret >= 0) { if (name) this.fds.set(name, r.ret); return { ret: 0, errno: null, out: { handle: name } }; } return r; }
  run(step: any): any {
    const a = step.args, s = this.system, t = this.task, c = calls;
    const h = step.out?.handle;
    if (a.arg === 'NULL') { const num = (numbers as any)[step.op] ?? (uapi as any)[step.op]; return this.do(c.withNullPointer(step.op, this.fd(a.fd), num)); }
    switch (step.op) {
      case 'note': return { ret: 0, errno: null, out: {} };
      case 'end': { const r = this.fin(s.exit(t)); return r; }
      case 'open_container': return this.handle(this.do(c.openContainer()), h);
      case 'open_group': return this.handle(this.do(c.openGroup(this.p.groupNumbers[a.group])), h);
      case 'open_group_path': return this.handle(this.do(c.openPath(a.path)), h);
      case 'open_iommufd': return this.handle(this.do(c.openPath('/dev/iommu')), h);
      case 'close': { const r = this.do(c.closeFile(this.fd(a.handle))); return r; }
      case 'dup': return this.handle(this.do(c.duplicate(this.fd(a.fd))), h);
      case 'read': return this.do(c.readFile(this.fd(a.fd), a.len));
      case 'write': return this.do(c.writeFile(this.fd(a.fd), a.len));
      case 'unknown_ioctl': return this.do(c.unknownIoctl(this.fd(a.fd), a.nr));
      case 'VFIO_GET_API_VERSION': return this.do(c.getApiVersion(this.fd(a.fd)));
      case 'VFIO_CHECK_EXTENSION': return this.do(c.checkExtension(this.fd(a.fd), a.ext));
      case 'VFIO_SET_IOMMU': return this.do(c.setIommu(this.fd(a.fd), a.type));
      case 'VFIO_IOMMU_GET_INFO': return this.do(c.getInfo(this.fd(a.fd), a.argsz));
      case 'VFIO_IOMMU_MAP_DMA': return this.do(c.mapDma(this.fd(a.fd), { iova: n(a.iova), vaddr: n(a.vaddr), size: n(a.size), flags: a.flags, ...(a.argsz === undefined ? {} : { argsz: a.argsz }) }));
      case 'VFIO_IOMMU_UNMAP_DMA': if (a.bitmap_size !== undefined) return this.do(c.unmapDmaDirty(this.fd(a.fd), { flags: a.flags, iova: n(a.iova), size: n(a.size), pgsize: n(a.pgsize), bitmapSize: a.bitmap_size }));
        return this.do(c.unmapDma(this.fd(a.fd), { iova: n(a.iova), size: n(a.size), flags: a.flags, ...(a.argsz === undefined ? {} : { argsz: a.argsz }) }));
      case 'VFIO_IOMMU_DIRTY_PAGES': if (a.bitmap_size === undefined) return this.do(c.dirtyPages(this.fd(a.fd), a.flags)); return this.do(c.dirtyBitmap(this.fd(a.fd), { flags: a.flags, iova: n(a.iova), size: n(a.size), pgsize: n(a.pgsize), bitmapSize: a.bitmap_size }));
      case 'VFIO_GROUP_GET_STATUS': return this.do(c.getStatus(this.fd(a.fd), a.argsz));
      case 'VFIO_GROUP_SET_CONTAINER': return this.do(c.setContainer(this.fd(a.fd), this.fd(a.container)));
      case 'VFIO_GROUP_UNSET_CONTAINER': return this.do(c.unsetContainer(this.fd(a.fd)));
      case 'VFIO_GROUP_GET_DEVICE_FD': { const name = a.name ?? this.p.machine.functions.find((f: any) => f.name === a.dev).address; return this.handle(this.do(c.getDeviceFd(this.fd(a.fd), name)), h); }
      case 'VFIO_DEVICE_GET_INFO': return this.do(c.getDeviceInfo(this.fd(a.fd)));
      case 'VFIO_DEVICE_GET_REGION_INFO': return this.do(c.getRegionInfo(this.fd(a.fd), a.index));
      case 'VFIO_DEVICE_GET_IRQ_INFO': return this.do(c.getIrqInfo(this.fd(a.fd), a.index));
      case 'VFIO_DEVICE_RESET': return this.do(c.resetDevice(this.fd(a.fd)));
      case 'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO': { const r = this.do(c.getHotResetInfo(this.fd(a.fd))); for (const d of r.out.devices ?? []) d.group = this.p.groupLabels[d.group]; return r; }
      case 'VFIO_DEVICE_PCI_HOT_RESET': return this.do(c.hotResetDevice(this.fd(a.fd), a.groups.map((g: string) => this.fd(g))));
      case 'VFIO_DEVICE_FEATURE': return this.do(c.probeFeature(this.fd(a.fd), a.feature));
      case 'VFIO_DEVICE_SET_IRQS': { const data = a.data.map((d: any) => { if (d === null) return -1; if (step.errno === 'EBADF') return 999; const e = (s.eventfd(t) as any).ret; this.lastEvent = e; this.events.set(`i${a.index}`, e); return e; }); return this.do(c.setIrqs(this.fd(a.fd), { ...a, data })); }
      case 'eventfd.wait': { const fired = s.waitEvent(t, a.efd === 'req' ? this.events.get('i4')! : this.lastEvent, a.timeout_ms); return { ret: 0, errno: null, out: { fired } }; }
      case 'config.read': return this.do(c.configRead(this.fd(a.fd), n(a.off), a.len));
      case 'config.write': return this.do(c.configWrite(this.fd(a.fd), n(a.off), a.len, n(a.value)));
      case 'bar.read': return this.do(c.barRead(this.fd(a.fd), n(a.off), a.len));
      case 'bar.load': return this.do(c.barLoad(this.fd(a.fd), n(a.off)));
      case 'bar.mmap': return a.vaddr !== undefined ? this.do(c.mapRegion(this.fd(a.fd), n(a.vaddr), a.region, n(a.len))) : this.do(c.tryMap(this.fd(a.fd), n(a.off), n(a.len), !a.private));
      case 'bar.munmap': case 'mem.unmap': return this.do(c.unmapMemory(n(a.vaddr), n(a.len)));
      case 'mem.map': return this.do(c.mapMemory(n(a.vaddr), n(a.len), a.prot, a.hint === 'hugepage'));
      case 'mem.fill': return this.do(c.fillMemory(n(a.vaddr), Number(a.len), Number(a.byte)));
      case 'mem.peek': return this.do(c.peekMemory(n(a.vaddr), Number(a.len)));
      case 'edu.dma_read': case 'edu.dma_write': { const hd = a.fd !== undefined ? { fd: this.fd(a.fd) } : { dev: a.dev }; const r = this.do((step.op === 'edu.dma_read' ? c.eduRead : c.eduWrite)(hd, this.iova(a.iova), a.len)); for (const f of r.out.faults ?? []) { const p = this.physNames.get(f.addr); if (p && String(a.iova).startsWith('phys')) f.addr = p; } return r; }
      case 'sysfs.bind': { const r = this.fin(s.sysfs.bind(a.dev, a.driver)); r.out = { ...r.out, driver: s.sysfs.driverOf(a.dev) }; return r; }
      case 'sysfs.unbind': case 'sysfs.remove': { const r: any = this.fin(step.op === 'sysfs.unbind' ? s.sysfs.unbind(a.dev) : s.sysfs.remove(a.dev));
        if (a.async) { this.pendingCalls.set(a.dev, r.fiber); return { ret: 0, errno: null, out: { blocked: r.ret === null } }; }
        r.out = { ...r.out, driver: s.sysfs.driverOf(a.dev), present: s.sysfs.isPresent(a.dev) }; return r; }
      case 'sysfs.unbind.done': case 'sysfs.remove.done': { const f = this.pendingCalls.get(a.dev); return { ret: 0, errno: null, out: { blocked: f !== undefined && !f.finished, driver: s.sysfs.driverOf(a.dev), present: s.sysfs.isPresent(a.dev) } }; }
      case 'sysfs.rescan': return this.fin(s.sysfs.rescan());
      case 'sysfs.config.write': return this.fin(s.sysfs.configWrite(a.dev, Number(a.off), a.len, Number(a.value)));
      case 'sysfs.bar.mmap': return this.fin(s.sysfs.mapBar(t, a.dev, n(a.vaddr), n(a.len)));
      case 'param.write': return this.fin(s.sysfs.writeParameter(a.param, a.value));
      case 'setrlimit': return this.fin(s.setrlimit(t, n(a.cur)));
      case 'setresuid': return this.fin(s.setresuid(t, a.uid));
      case 'fork': { const ch = s.fork(t); this.parent = t; this.task = ch as Task; return { ret: 0, errno: null, out: {} }; }
      case 'exit': { const r = this.fin(s.exit(t)); this.task = this.parent!; return r; }
      case 'chmod': return { ret: -1, errno: 'ENOENT', out: {} };
      case 'kernel': return { ret: 0, errno: null, out: { release: this.p.release, profile: this.p.releaseProfile } };
      case 'device': { const d: any = s.sysfs.describe(a.dev); const g = d.group; return { ret: 0, errno: null, out: { bdf: d.address, driver: d.driver, group: g ? this.p.groupLabels[g.number] : 'none', has_group: g !== null, members: g?.members, type: g?.type, reserved: g?.reserved.map((r: any) => ['0x' + r.first.toString(16), '0x' + r.last.toString(16), r.type]), group_of_mf0: g !== null && g.number === this.p.groupNumbers.mf } }; }
      default: return { ret: -99, errno: `unknown op ${step.op}`, out: {} };
    }
  }
}
export function compare(step: any, r: any): string | null {
  const bad: string[] = [];
  if (step.ret !== r.ret) bad.push(`ret ${r.ret} want ${step.ret}`);
  if (step.errno !== r.errno) bad.push(`errno ${r.errno} want ${step.errno}`);
  for (const [k, v] of Object.entries(step.out ?? {})) if (JSON.stringify(v) !== JSON.stringify(r.out?.[k])) bad.push(`${k} ${JSON.stringify(r.out?.[k])} want ${JSON.stringify(v)}`);
  return bad.length ? bad.join('; ') + (r.out?.message ? ' ' + r.out.message + ' at ' + r.out.at : '') : null;
}
