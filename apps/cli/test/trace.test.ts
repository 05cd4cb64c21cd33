/** What `trace` prints: one design, or two beside each other. */
import type { TracedCase } from '@iommu-lab/comparison';
import { describe, expect, it } from 'vitest';
import { traceText } from '../src/verbs/trace';
import { fixtureCall, fixtureCase, fixtureDevice, fixtureGroup } from './fixtures/traced';
import { linesOf, longest, memoryIo } from './memory-io';

const entry = { case: fixtureCase, id: 'debian-6.12-intel/fixture/join', recorded: false };
/** Twenty calls that do not return, each of another function. */
const manyCalls = Array.from({ length: 20 }, (_, k) => ({ ...fixtureCall, name: `call${k}@6.12` }));
const one = (columns: number) => linesOf(traceText(entry, [fixtureGroup], memoryIo({ columns }).io));
const two = (columns: number) =>
  linesOf(traceText(entry, [fixtureGroup, fixtureDevice], memoryIo({ columns }).io));

describe('one design', () => {
  it('shows calls with what they return, locks, references and hardware, indented', () => {
    expect(one(100)).toEqual([
      'debian-6.12-intel/fixture/join on group/replace (kernel 6.12, clause S-5.5): A group joins',
      '',
      'step 0  open_container: 0',
      '  vfio_fops_open(vfio) = 0',
      'step 1  VFIO_SET_IOMMU fd=c type=3: 0',
      '  vfio_iommu_type1_attach_group(iommu_group:4) = 0',
      '    mutex_lock vfio_iommu.lock',
      '    iommu_attach_group(iommu_domain#1, iommu_group:4) = 0',
      '      mutex_lock iommu_group:4.mutex',
      '      hw.write_context iommu:dmar0',
      '      hw.invalidate_iotlb_domain iommu:dmar0 (2 times)',
      '      mutex_unlock iommu_group:4.mutex',
      '    mutex_unlock vfio_iommu.lock',
      'step 2  VFIO_GROUP_SET_CONTAINER fd=g container=c: EINVAL',
      '  vfio_group_ioctl_set_container(group) does not return',
      '    mutex_lock vfio_group.lock',
    ]);
  });

  it('says which answer is not as expected, and what is left over', () => {
    const lines = linesOf(traceText(entry, [fixtureDevice], memoryIo({ columns: 100 }).io));
    expect(lines).toContain('  ! errno: expected none, seen EBUSY');
    expect(lines.at(-1)).toBe('! left over: 1 reference on device:0000:00:05.0');
  });

  it('is coloured on a terminal and plain in a pipe', () => {
    expect(traceText(entry, [fixtureGroup], memoryIo({ columns: 80 }).io)).toContain('\x1b[');
    expect(traceText(entry, [fixtureGroup], memoryIo().io)).not.toContain('\x1b[');
  });
});

describe('two designs', () => {
  it.each([80, 100, 120, 160])('fit %i columns', (columns) => {
    expect(longest(two(columns).join('\n'))).toBeLessThanOrEqual(columns);
    expect(longest(one(columns).join('\n'))).toBeLessThanOrEqual(columns);
  });

  it('are aligned by step, what only one does is marked', () => {
    const lines = two(130);
    const at = (text: string) => lines.find((line) => line.includes(text)) as string;
    expect(at('iommu_attach_group(').slice(64, 65)).toBe('<');
    expect(at('iommu_attach_device(').slice(0, 66)).toBe(`${' '.repeat(64)}> `);
    expect(at('try_get').slice(64, 65)).toBe('>');
    const shared = at('mutex_lock vfio_iommu.lock');
    expect(shared.match(/mutex_lock vfio_iommu\.lock/g)).toHaveLength(2);
    expect(shared.slice(64, 65)).toBe(' ');
    expect(lines.filter((line) => line.startsWith('step '))).toHaveLength(3);
  });

  it('need one line for a step that is the same on both', () => {
    const lines = two(120);
    expect(lines[lines.indexOf('step 0  open_container: 0') + 1]).toBe('  the same on both: 1 line');
    expect(lines.join('\n')).not.toContain('vfio_fops_open');
  });

  it('count what is the same far from a difference', () => {
    const longer = (traced: TracedCase): TracedCase => ({
      ...traced,
      steps: traced.steps.map((step) => ({ ...step, events: [...manyCalls, ...step.events] })),
    });
    const traced = [longer(fixtureGroup), longer(fixtureDevice)];
    const lines = linesOf(traceText(entry, traced, memoryIo({ columns: 120 }).io));
    // The first line after the twenty calls differs in its result: three of the twenty are shown on either end.
    expect(lines).toContain('  ... 14 lines the same on both');
    const shown = lines.flatMap((line) => /^ (call\d+)\(\) /.exec(line)?.[1] ?? []);
    expect(shown.slice(0, 6)).toEqual(['call0', 'call1', 'call2', 'call17', 'call18', 'call19']);
  });

  it('show a wrong answer and what is left over in the column of the one that has it', () => {
    const lines = two(120);
    const wrong = lines.find((line) => line.includes('expected none')) as string;
    expect(wrong).toBe(`${' '.repeat(61)}! errno: expected none, seen EBUSY`);
    expect(lines.at(-1)).toBe(`${' '.repeat(61)}! left over: 1 reference on device:0000:00:05.0`);
  });
});
