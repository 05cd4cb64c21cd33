/** The workloads as data: every file is listed, is a case of the grammar, and its steps fit together. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCase } from '../../src/grammar/case';
import type { Step } from '../../src/grammar/step';
import { profile } from '../../src/profiles';
import { workloads } from '../../src/workloads/index';

const ROOT = join(import.meta.dirname, '../../workloads');
const INJECTABLE = ['attach_dev', 'attach_core', 'domain_alloc', 'map', 'pin'];

const paths = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.json'),
);

/** Names that a step uses and an earlier one must have given. */
function usedNames({ op, args }: Step): string[] {
  const fields: Readonly<Record<string, unknown>> = args;
  const port = op.startsWith('port.') ? [fields.domain, fields.from, fields.to] : [];
  return [fields.fd, fields.container, fields.handle, ...port].filter((name) => typeof name === 'string');
}

function givenName({ out }: Step): string | null {
  const given = out as { readonly handle?: string; readonly id?: string } | undefined;
  return given?.handle ?? given?.id ?? null;
}

describe('workloads', () => {
  it('are the files of the folder, each under the id that is its path', () => {
    const listed = workloads().map(({ id }) => `${id}.json`);
    expect([...listed].sort()).toEqual([...paths].sort());
  });

  it.each(paths)('%s is a case', (path) => {
    const one = parseCase(JSON.parse(readFileSync(join(ROOT, path), 'utf8')), path);
    expect(`${one.id}.json`).toBe(path);
    expect(one.clause).toBeDefined();
    expect(profile(one.profile).id).toBe(one.profile);
  });

  it.each(workloads().map((one) => [one.id, one] as const))('%s ends, once', (_, { steps }) => {
    expect(steps.map(({ op }) => op).indexOf('end')).toBe(steps.length - 1);
  });

  it.each(workloads().map((one) => [one.id, one] as const))('%s uses what it has', (_, { steps }) => {
    const known = new Set<string>();
    for (const step of steps) {
      expect([...known]).toEqual(expect.arrayContaining(usedNames(step)));
      const given = givenName(step);
      if (given !== null && step.ret !== -1) known.add(given);
    }
  });

  it.each(workloads().map((one) => [one.id, one] as const))('%s speaks of its profile', (_, one) => {
    const { groups, machine } = profile(one.profile);
    const devices = machine.functions.flatMap(({ name, address }) => [
      address,
      ...(name === undefined ? [] : [name]),
    ]);
    for (const { op, args } of one.steps) {
      const { dev, group, operation } = args as Readonly<Record<string, string | undefined>>;
      if (dev !== undefined) expect(devices).toContain(dev);
      if (group !== undefined) expect(Object.keys(groups)).toContain(group);
      if (op === 'inject') expect(INJECTABLE).toContain(operation);
    }
  });

  it('gives every caller its own', () => {
    expect(workloads()[0]).not.toBe(workloads()[0]);
  });
});
