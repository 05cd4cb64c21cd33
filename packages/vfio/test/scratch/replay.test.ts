import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'vitest';
import { compare, loadProfile, Runner } from './replay';
const only = process.env.FILES?.split(',');
const onlyCase = process.env.CASE;
const root = '/work/shared/kernel-traces';
for (const profile of (process.env.PROFILES ?? 'debian-6.12-intel,debian-6.1-intel').split(',')) {
  test(profile, async () => {
    const p = loadProfile(profile);
    let total = 0, good = 0; const lines: string[] = [];
    for (const file of readdirSync(`${root}/${profile}`)) {
      const name = file.replace('.jsonl', '');
      if (only && !only.includes(name)) continue;
      const cases = new Map<string, any[]>();
      for (const l of readFileSync(`${root}/${profile}/${file}`, 'utf8').split('\n')) { if (!l) continue; const j = JSON.parse(l); if (!cases.has(j.case)) cases.set(j.case, []); cases.get(j.case)!.push(j); }
      for (const [id, steps] of cases) {
        if (onlyCase && id !== onlyCase) continue;
        let r: Runner;
        try { r = new Runner(p); } catch (e) { lines.push(`${id}: boot ${e}`); total += steps.length; continue; }
        let shown = 0;
        for (const s of steps) {
          total++;
          let out: any; try { if (id === 'device/irqs' && process.env.RAISE) { if (s.step === 12) r.do((await import('../../src/index')).calls.barWrite(r.fd('d'), 0x60n, 4, 1n)); if (s.step === 29) r.do((await import('../../src/index')).calls.barWrite(r.fd('d'), 0x64n, 4, 1n)); } out = r.run(s); } catch (e: any) { out = { ret: -98, errno: String(e.stack).split('\n').slice(0, 4).join(' | '), out: {} }; }
          const d = compare(s, out); const hn = s.out?.handle; if (process.env.TRANSIENT && hn && s.errno === null && s.op === 'VFIO_GROUP_GET_DEVICE_FD' && !steps.slice(steps.indexOf(s) + 1).some((q) => JSON.stringify(q.args).includes(`"${hn}"`))) { lines.push(`${id} transient ${hn}`); r.run({ op: 'close', args: { handle: hn } }); }
          if (d === null) good++; else if (shown++ < 4) lines.push(`${id} ${s.step} ${s.op} ${JSON.stringify(s.args)}: ${d}`);
        }
        try { for (const x of r.system.restoreBoot()) lines.push(`${id}: restore ${x}`); for (const a of r.system.audit()) lines.push(`${id}: audit ${a}`); } catch (e: any) { lines.push(`${id}: restore threw ${e.stack}`); }
        const v = r.system.kernel.world.violations; for (const x of v.slice(0, 3)) lines.push(`${id}: VIOLATION ${x.kind} ${x.message} at ${x.at}`);
        const u = [...r.system.kernel.world.unguarded]; if (u.length && process.env.UNGUARDED) lines.push(`${id}: unguarded ${u.join(' | ')}`);
      }
    }
    console.log(lines.slice(0, Number(process.env.MAX ?? 60)).join('\n')); console.log(profile, good, '/', total, 'lines', lines.length);
  }, 300000);
}
