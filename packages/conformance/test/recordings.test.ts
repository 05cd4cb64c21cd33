/** The recordings that come with the suite: complete, up to date, and read without loss. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { eraFunctions } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import packed from '../data/recordings.json';
import { profile, profileIds } from '../src/profiles';
import { type Recording, recordings } from '../src/recordings';

const folder = new URL('../data/recordings/', import.meta.url);
const FILES = [
  'close',
  'container',
  'dirty',
  'dma',
  'group',
  'hotplug',
  'map',
  'multi',
  'stage',
  'topology',
  'unmap',
  'viability',
];
/** What was recorded with `iommu=pt`. */
const PASS_THROUGH_FILES = ['stage', 'topology'];
const filesOf = (id: string) => (id.endsWith('-pt') ? PASS_THROUGH_FILES : FILES);

const label = ({ profile, file }: Recording) => `${profile}/${file}`;
const all = recordings().map((recording) => [label(recording), recording] as const);
const gzip = (path: string) => readFileSync(new URL(`${path}.jsonl.gz`, folder));

/** The file's lines as JSON values. */
function recorded(path: string): unknown[] {
  const text = gunzipSync(gzip(path)).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** The lines that the cases came from. */
function rewritten({ cases }: Recording): unknown[] {
  return cases.flatMap(({ id, steps }) => steps.map((step, k) => ({ case: id, step: k, ...step })));
}

describe('recordings', () => {
  it('are twelve files of each profile, and two with iommu=pt', () => {
    const kernels = profileIds().filter((id) => eraFunctions(profile(id).era).evidence === 'recorded');
    const expected = kernels.flatMap((id) => filesOf(id).map((file) => `${id}/${file}`));
    expect(all.map(([path]) => path).sort()).toEqual(expected.sort());
  });

  it('are packed as they lie in data/recordings (else: pnpm run recordings)', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.gz'));
    const fresh = files.map((file) => file.slice(0, -'.jsonl.gz'.length)).sort();
    expect(Object.keys(packed).sort()).toEqual(fresh);
    for (const [path, base64] of Object.entries(packed)) expect(base64).toBe(gzip(path).toString('base64'));
  });

  it('carry no time, so that packing again gives the same bytes', () => {
    for (const [path] of all) expect([...gzip(path).subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  });

  it.each(all)('%s is read without loss', (path, recording) => {
    expect(rewritten(recording)).toEqual(recorded(path));
  });

  it.each(all)('%s belongs to the profile of its folder', (_, recording) => {
    for (const { profile } of recording.cases) expect(profile).toBe(recording.profile);
  });

  it('hold 6,735 steps', () => {
    const counts = all.map(([, { cases }]) => cases.reduce((sum, { steps }) => sum + steps.length, 0));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(6735);
  });

  it('are parsed once', () => {
    const [first] = recordings();
    expect(first?.cases).toBe(first?.cases);
  });
});
