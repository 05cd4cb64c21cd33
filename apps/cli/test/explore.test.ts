/** `explore` and `replay` in this process: what they find, print and answer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIANTS } from '@iommu-lab/comparison';
import { hazards, parseExploreReport, scenarios } from '@iommu-lab/conformance';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { linesOf, longest, temporaryFolder } from './memory-io';
import { type Ran, runLine } from './run-line';

// The model runs here, on machines that have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const HAZARD = 'set-iommu-vs-remove-undriven-member';
const HAZARDS = hazards().map(({ id }) => id);
const IDS = scenarios().map(({ id }) => id);

const folder = temporaryFolder();
afterAll(() => folder.remove());

const resultsOf = ({ out }: Ran) => parseExploreReport(JSON.parse(out), 'standard output').results;

describe('explore', () => {
  it('finds the hazard of the thread and says how, with status 1', async () => {
    const ran = await runLine(`explore ${HAZARD} --variant device/raw,group-alloc/one-step`);
    expect([ran.status, ran.err]).toEqual([1, '']);
    expect(longest(ran.out)).toBeLessThanOrEqual(80);
    const text = ran.out.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`${HAZARD} on device/raw (H01, kernel 6.12): COMPLETE, 4 violations`);
    expect(text).toContain('T2 freed device:0000:00:05.0 at step');
    expect(text).toContain('no lock ordered the two');
    expect(text).toContain(`${HAZARD} on group-alloc/one-step (H01, kernel 6.12): COMPLETE, no violation`);
    expect(text).toContain('because: the use comes first');
    expect(linesOf(ran.out).at(-1)).toBe('violations in 1 of 2 searches');
  });

  it('prints one JSON document, in which a safe design has the witness of an unsafe one', async () => {
    const ran = await runLine(`explore ${HAZARD} --variant device/raw,device/pinned --json`);
    expect([ran.status, ran.err]).toEqual([1, '']);
    const [raw, pinned] = resultsOf(ran);
    const [violation] = raw?.violations ?? [];
    expect(raw).toMatchObject({
      scenario: HAZARD,
      hazard: 'H01',
      variant: 'device/raw',
      era: '6.12',
      witness: null,
    });
    expect(violation).toMatchObject({ kind: 'use-after-free' });
    expect(violation?.deviations).toBeLessThanOrEqual(3);
    expect(pinned).toMatchObject({ variant: 'device/pinned', verdict: 'COMPLETE', violations: [] });
    expect(pinned?.witness).toBe(violation?.token);
    expect(pinned?.because).toContain('iommu_group:5.mutex');
  });

  it('holds where the bridge goes, on the designs that keep their member', async () => {
    const variants = 'group-alloc/one-step,device/pinned';
    const ran = await runLine(`explore set-iommu-vs-bridge-removal --variant ${variants} --json`);
    expect(ran.status).toBe(0);
    for (const result of resultsOf(ran)) {
      expect(result).toMatchObject({ verdict: 'COMPLETE', violations: [] });
      expect(result.executions).toBeGreaterThan(1);
      expect(result.because).toContain('group_lock is held over the use');
    }
  });

  it('finds it by preemption bound 1, and samples as it is told', async () => {
    const bounded = await runLine(`explore ${HAZARD} --variant device/raw --engine bounded --bound 1 --json`);
    expect(resultsOf(bounded)[0]).toMatchObject({ engine: 'bounded', verdict: 'BOUNDED' });
    expect(bounded.status).toBe(1);
    const line = `explore map-vs-dma --variant device/raw --engine random --max-executions 20 --seed 7 --json`;
    const sampled = await runLine(line);
    expect(resultsOf(sampled)[0]).toMatchObject({ verdict: 'SAMPLED', executions: 20 });
    expect(await runLine(line)).toEqual(sampled);
    const few = await runLine('explore two-containers-claim --variant device/raw --max-executions 2 --json');
    expect(resultsOf(few)[0]).toMatchObject({ verdict: 'BOUNDED', executions: 2 });
  });

  it("runs a hazard of the kernel's once, and another kernel when asked to", async () => {
    const ran = await runLine('explore unmap-vs-dma --era 6.1 --json');
    expect(ran.status).toBe(0);
    expect(resultsOf(ran)).toMatchObject([{ variant: null, hazard: 'H33', era: '6.1' }]);
    const designs = await runLine('explore two-containers-claim --max-executions 1 --json');
    expect(resultsOf(designs).map(({ variant }) => variant)).toEqual(VARIANTS.map(({ id }) => id));
  });

  it('takes a hazard for its scenarios, at the kernels at which it is judged, with a witness of another', async () => {
    const ran = await runLine('explore H07 --json');
    expect(ran.status).toBe(1);
    const results = resultsOf(ran);
    expect(results.map(({ era }) => era)).toEqual(expect.arrayContaining(['6.1', '6.12']));
    const [old] = results.filter(({ era }) => era === '6.1');
    const [today] = results.filter(({ era }) => era === '6.12');
    const object = 'device_domain_info:0000:00:05.0';
    expect(old?.violations[0]).toMatchObject({ kind: 'use-after-free', object, sought: true });
    expect(today).toMatchObject({ hazard: 'H07', verdict: 'COMPLETE', violations: [] });
    expect(today?.witness).toMatch(/^v1:/);
    expect(today?.because).toContain('iommu_group:5.mutex is held over the use');
  });

  it("says vacuous where what decides never came, of a scenario of the user's own", async () => {
    const own = {
      id: 'own/nothing',
      title: 'two status calls',
      profile: 'debian-6.12-intel',
      setup: [{ op: 'open_group', args: { group: 'solo1' }, out: { handle: 'g' } }],
      threads: ['T1', 'T2'].map((name) => ({
        name,
        steps: [{ op: 'VFIO_GROUP_GET_STATUS', args: { fd: 'g' } }],
      })),
      deciding: { use: { thread: 'T1' }, end: { thread: 'T2', operation: 'kfree', target: 'device:*' } },
    };
    const write = (name: string, json: unknown) =>
      writeFileSync(join(folder.path, name), JSON.stringify(json));
    write('own.json', own);
    const options = { folder: folder.path };
    const ran = await runLine('explore own.json --variant device/raw --json', options);
    expect(resultsOf(ran)).toMatchObject([{ scenario: 'own/nothing', hazard: null, verdict: 'VACUOUS' }]);
    write('broken.json', { ...own, threads: [] });
    expect(await runLine('explore broken.json', options)).toEqual({
      status: 3,
      out: '',
      err: 'iommu-lab: broken.json: field threads: expected one to three threads, got []\n',
    });
    write('refused.json', { ...own, setup: [{ ...own.threads[0]?.steps[0] }] });
    const refused = await runLine('explore refused.json', options);
    expect([refused.status, refused.out]).toEqual([3, '']);
    expect(refused.err).toContain('own/nothing: field setup[0] VFIO_GROUP_GET_STATUS: errno is "EBADF"');
    writeFileSync(join(folder.path, 'text.json'), 'hello');
    expect((await runLine('explore text.json', options)).err).toMatch(/^iommu-lab: text\.json: no JSON: /);
  });

  it('shows how far it is on a terminal: executions, rate, what is left at least', async () => {
    const line = 'explore map-vs-dma --variant device/raw,device/pinned --engine random --max-executions 100';
    const { status, err } = await runLine(line, { progress: true });
    expect(status).toBe(0);
    expect(err).toMatch(/0\/2 searches, \d+ executions, \d+\/s, at least \d+ left {2}map-vs-dma device\/raw/);
    expect(err.endsWith('\r\u001b[K')).toBe(true);
  });

  it('ends at an interrupt with what it has, and status 130', async () => {
    const line =
      'explore map-vs-dma --variant device/raw,device/pinned --engine random --max-executions 100000';
    const { status, out } = await runLine(line, { progress: true, interruptAt: 240 });
    expect(status).toBe(130);
    expect(out).toContain('map-vs-dma on device/raw (kernel 6.12): SAMPLED, no violation');
    expect(out).not.toContain('device/pinned');
    expect(linesOf(out).at(-1)).toBe(
      'interrupted: no violation in 1 search, ended where they stood; 1 not begun',
    );
  });

  it.each([
    ['explore', 'a parameter is missing: iommu-lab explore SCENARIO|HAZARD|all'],
    [
      'explore moon',
      `unknown scenario or hazard "moon"; there are: ${HAZARDS.join(', ')}, ${IDS.join(', ')}`,
    ],
    ['explore all --engine magic', '--engine is one of optimal, source, bounded, pct, random, not "magic"'],
    ['explore all --workers 0', '--workers is a whole number from 1 on, not "0"'],
    ['explore all --max-executions many', '--max-executions is a whole number from 1 on, not "many"'],
    ['explore all --bound 1.5', '--bound is a whole number from 0 on, not "1.5"'],
    ['explore all --era 2.4', 'unknown era "2.4"; there are: 5.10, 2022-02, 6.1, 6.12, 7.2'],
    ['replay', 'a parameter is missing: iommu-lab replay TOKEN'],
    ['replay moon', 'token "moon": expected v1:<scenario>:<deviations>'],
    [
      'replay v1:zzzzzz:0',
      `token v1:zzzzzz:0: names none of the scenarios ${IDS.join(', ')} on a built-in variant`,
    ],
  ])('refuses %s', async (line, message) => {
    expect(await runLine(line)).toEqual({ status: 2, out: '', err: `iommu-lab: ${message}\n` });
  });
});

describe('replay', () => {
  const found = async () => {
    const ran = await runLine(`explore ${HAZARD} --variant device/raw --json`);
    return resultsOf(ran)[0]?.violations[0]?.token ?? '';
  };

  it('shows every step in the column of its thread, and what it comes to', async () => {
    const token = await found();
    const { status, out } = await runLine(`replay ${token}`);
    expect(status).toBe(1);
    expect(longest(out)).toBeLessThanOrEqual(80);
    const lines = linesOf(out);
    expect(lines[0]).toBe(`${token}: ${HAZARD} on device/raw (kernel 6.12):`);
    const head = lines.findIndex((line) => /^step {2}T1 +T2$/.test(line));
    const second = lines[head]?.indexOf('T2') ?? -1;
    const steps = lines.slice(head + 1, lines.indexOf('', head));
    steps.forEach((line, k) => {
      expect(line.startsWith(String(k).padStart(4))).toBe(true);
    });
    const inSecond = steps.filter((line) => line.slice(4, second).trim() === '');
    expect(inSecond.some((line) => line.includes('kfree device:0000:00:05.0'))).toBe(true);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('use-after-free in device_iommu_capable');
    const all = await runLine(`replay ${token} --calls`, { columns: 200 });
    expect(linesOf(all.out).length).toBeGreaterThan(lines.length);
    expect(all.out).toContain('device_iommu_capable@6.12(');
  });

  it('prints the same as JSON', async () => {
    const token = await found();
    const { status, out } = await runLine(`replay ${token} --json`);
    expect(status).toBe(1);
    const replayed = JSON.parse(out);
    expect(replayed).toMatchObject({ token, scenario: HAZARD, variant: 'device/raw', divergedAt: null });
    const used = expect.objectContaining({ kind: 'use-after-free', thread: 'T1' });
    expect(replayed.violations).toContainEqual(used);
    const operations = replayed.events.filter((event: { kind: string }) => event.kind === 'operation');
    expect(operations.map((event: { step: number }) => event.step)).toEqual([...replayed.schedule.keys()]);
    expect(operations.map((event: { thread: string }) => event.thread)).toEqual(replayed.schedule);
  });

  it('takes another design, on which the same order shows nothing', async () => {
    const { status, out } = await runLine(`replay ${await found()} --variant device/pinned`);
    expect(status).toBe(0);
    expect(out).toContain('all threads ended, no violation');
  });

  it('says where a token leads elsewhere', async () => {
    const token = (await found()).replace(/:[^:]*$/, ':0.1-1.1-2.1-3.1-4.1');
    const { out } = await runLine(`replay ${token}`);
    expect(out).not.toContain('diverged');
    const late = token.replace(/:[^:]*$/, ':2a.0');
    const past = await runLine(`replay ${late}`);
    expect(past.out.replaceAll(/\s+/g, ' ')).toMatch(/diverged at step \d+: the token is of another program/);
  });
});
