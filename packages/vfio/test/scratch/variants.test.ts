import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'vitest';
import { compare, loadProfile, Runner } from './replay';
const root = '/work/shared/kernel-traces';
const variants: Record<string, any> = {};
for (const [pkg, name] of [['api-group','replace'],['api-device','raw'],['api-device','pinned'],['api-group-alloc','one-step'],['api-group-alloc','two-step']] as const) {
  try { const m: any = await import(`../../../${pkg}/src/variants/${name}.ts`); variants[`${pkg}/${name}`] = Object.values(m).find((x: any) => x?.ports); } catch (e) { console.log('cannot load', pkg, name, String(e)); }
}
for (const [folder, prof, dd] of [['debian-6.12-intel','debian-6.12-intel','dma'],['debian-6.1-intel','debian-6.1-intel','dma'],['debian-6.12-intel-pt','debian-6.12-intel','identity'],['debian-6.1-intel-pt','debian-6.1-intel','identity']] as const)
for (const [id, v] of [['reference', undefined], ...Object.entries(variants)] as any) {
  test(`${folder} ${id}`, () => {
    const p = { ...loadProfile(prof), defaultDomain: dd };
    let total = 0, good = 0; const lines: string[] = [];
    for (const file of readdirSync(`${root}/${folder}`)) {
      const cases = new Map<string, any[]>();
      for (const l of readFileSync(`${root}/${folder}/${file}`, 'utf8').split('\n')) { if (!l) continue; const j = JSON.parse(l); if (!cases.has(j.case)) cases.set(j.case, []); cases.get(j.case)!.push(j); }
      for (const [cid, steps] of cases) {
        const r = new Runner(p, v);
        let shown = 0;
        for (const s of steps) {
          total++;
          const out = r.run(s);
          const d = compare(s, out);
          if (d === null) good++; else if (shown++ < 3) lines.push(`${cid} ${s.step} ${s.op} ${JSON.stringify(s.args)}: ${d}`);
        }
        if (cid.startsWith('topology') || cid.startsWith('hotplug')) continue;
        for (const x of r.system.restoreBoot()) lines.push(`${cid}: restore ${x}`); for (const a of r.system.audit()) lines.push(`${cid}: audit ${a}`);
        for (const x of r.system.kernel.world.violations.slice(0, 2)) lines.push(`${cid}: VIOLATION ${x.kind} ${x.message} at ${x.at}`);
      }
    }
    console.log(lines.filter((l) => !/device.irqs|hotplug/.test(l)).slice(0, 12).join('\n')); console.log(folder, id, good, '/', total, 'lines', lines.length);
  }, 300000);
}
