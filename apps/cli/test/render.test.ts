/** Tables, differences and the matrix: everything is there, and every line fits. */
import { describe, expect, it } from 'vitest';
import { designTable, entryPointTable } from '../src/render/design-table';
import { differenceLines, skipLines } from '../src/render/difference-lines';
import { workloadMatrix } from '../src/render/matrix';
import { commandLines, repeatTrace, shellWord } from '../src/render/repeat';
import { ranges } from '../src/render/tally-text';
import { fittedTable } from '../src/render/text-table';
import { page } from '../src/report/page';
import { PLAIN } from '../src/terminal/colours';
import { fixtureResults } from './fixtures/results';
import { longest } from './memory-io';

const width = (lines: readonly string[]) => longest(lines.join('\n'));

describe('the table of designs', () => {
  it.each([80, 100, 109, 110, 120, 200])('fits %i columns', (columns) => {
    expect(width(designTable(fixtureResults, columns, PLAIN))).toBeLessThanOrEqual(columns);
  });

  it('has one row a design, its cost over a join, a move and a leave', () => {
    const lines = designTable(fixtureResults, 80, PLAIN);
    const words = lines.map((line) => line.split(/\s+/));
    expect(words).toContainEqual(['group/replace', '2130/2130', '5/5', '0/9', '4', '30', '60', '18', '10*']);
    expect(words).toContainEqual(['device/raw', '2128/2130', '5/5', '2/9', '4', '31', '60', '18', '11']);
    expect(words).toContainEqual([
      'group-alloc/two-step',
      '2130/2130',
      '5/5',
      '0/9',
      '4',
      '33',
      '60',
      '18',
      '-',
    ]);
    expect(words).toContainEqual([
      'group-alloc/one-step',
      '2130/2130',
      '3/5',
      '0/9',
      '4',
      '34',
      '60',
      '18',
      'for',
      'ever',
    ]);
  });

  it('says which hazards a design lets happen, and how to see the worst; a dash for one that was not judged', () => {
    const lines = designTable(fixtureResults, 80, PLAIN);
    expect(lines).toContain('device/raw: H01, H12; the worst: iommu-lab replay v1:abcdef:1.1');
    expect(lines.find((line) => line.startsWith('device/pinned'))).toMatch(/ +5\/5 +- +4/);
    expect(lines.some((line) => line.startsWith('group/replace: '))).toBe(false);
  });

  it('names the entry points where there is room', () => {
    const named = /^iommu_group_claim_dma_owner\s+x\s+x\s+x\s+x\s+x$/;
    expect(designTable(fixtureResults, 110, PLAIN).some((line) => named.test(line))).toBe(true);
    expect(designTable(fixtureResults, 109, PLAIN).join('\n')).not.toContain('iommu_group_claim_dma_owner');
    const lines = entryPointTable(fixtureResults, 120);
    const calls = lines.find((line) => line.startsWith('iommu_attach_device')) as string;
    const marked = [...calls.matchAll(/x/g)].map(({ index }) => index);
    const head = lines.find((line) => line.includes('device/')) as string;
    expect(marked).toEqual([head.indexOf('device/'), lines[0]?.indexOf('group-')]);
  });

  it('shows a dash where nothing of a kind was compared', () => {
    const none = { steps: 0, equal: 0, declared: 0, differing: 0, skipped: 0 };
    const [first] = fixtureResults.rows;
    const rows = first === undefined ? [] : [{ ...first, workloads: none }];
    const lines = designTable({ ...fixtureResults, rows }, 80, PLAIN);
    expect(lines.find((line) => line.startsWith('group/replace'))).toMatch(/2130\/2130 +- +0\/9 +4/);
  });
});

describe('steps that differ as a design declares', () => {
  const [first] = fixtureResults.rows;
  const [workload] = fixtureResults.byWorkload;
  if (first === undefined || workload === undefined) throw new Error('no fixture');
  const cells = [
    {
      variant: first.variant,
      steps: 20,
      equal: 17,
      declared: 3,
      differing: 0,
      skipped: 0,
      counterfactual: false,
    },
  ];
  const conformance = { ...first.conformance, equal: 2127, declared: 3 };
  const results = {
    ...fixtureResults,
    rows: [{ ...first, conformance }],
    byWorkload: [{ ...workload, cells }],
  };

  it('are not counted as equal, and are told of below the table and in the report', () => {
    const lines = designTable(results, 80, PLAIN);
    expect(lines.find((line) => line.startsWith('group/replace'))).toContain(' 2127/2130 ');
    expect(lines).toContain('group/replace: 3 steps differ as it declares (iommu-lab show group/replace)');
    expect(page(results)).toContain('group/replace: 3 steps differ as it declares.');
    expect(designTable(fixtureResults, 80, PLAIN).join(' ')).not.toContain('declares');
  });

  it('are no differences in the matrix', () => {
    expect(workloadMatrix(results, 80).join('\n')).toMatch(/ 3 declared/);
  });

  it('are named by ranges of steps', () => {
    expect([ranges([]), ranges([4]), ranges([1, 2, 3, 7, 9, 10])]).toEqual(['', '4', '1-3, 7, 9-10']);
  });
});

describe('the matrix of workloads', () => {
  it('puts in brackets what a kernel without such calls answered', () => {
    const lines = workloadMatrix(fixtureResults, 200);
    expect(lines.filter((line) => line.includes('(ok)'))).toHaveLength(1);
    expect(lines.at(-1)).toBe('in brackets: a kernel that had no such calls');
  });

  it.each([80, 120, 200])('fits %i columns and has every cell', (columns) => {
    const lines = workloadMatrix(fixtureResults, columns);
    expect(width(lines)).toBeLessThanOrEqual(columns);
    const cells = lines.join('\n').match(/\b(ok|skipped|\d+ differ)\b/g) ?? [];
    expect(cells).toHaveLength(15);
    expect(cells.filter((cell) => cell === 'skipped')).toHaveLength(1);
    expect(cells.filter((cell) => cell === '2 differ')).toHaveLength(1);
  });

  it('repeats itself for columns that do not fit beside each other', () => {
    const lines = workloadMatrix(fixtureResults, 80);
    expect(
      lines.filter((line) => line.startsWith('container/second-group-with-a-long-name')).length,
    ).toBeGreaterThan(1);
    expect(workloadMatrix(fixtureResults, 200).filter((line) => line.startsWith('container/'))).toHaveLength(
      1,
    );
  });
});

describe('differences', () => {
  const view = {
    width: 80,
    colours: PLAIN,
    most: 5,
    operationOf: (_id: string, step: number) => (step === 3 ? 'VFIO_SET_IOMMU' : undefined),
    repeat: repeatTrace,
  };

  it('are told with place, operation, expected, seen and the command that repeats them', () => {
    const text = differenceLines(fixtureResults.failures, view).join('\n');
    expect(text).toContain('2 differences:');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'debian-6.1-intel/container/second-group-with-a-long-name, step 3 VFIO_SET_IOMMU on device/raw, device/pinned ' +
        'ret: expected 0, seen -1 errno: expected none, seen EBUSY',
    );
    expect(text.replace(/ \\\n +/g, ' ')).toContain(
      'iommu-lab trace debian-6.1-intel/container/second-group-with-a-long-name --variant device/raw\n',
    );
  });

  it('fit the width, however long their words are', () => {
    expect(width(differenceLines(fixtureResults.failures, view))).toBeLessThanOrEqual(80);
    expect(width(skipLines(fixtureResults.skips, 80))).toBeLessThanOrEqual(80);
  });

  it('are counted where there are too many to show', () => {
    const text = differenceLines(fixtureResults.failures, { ...view, most: 1 }).join('\n');
    expect(text).toContain('2 differences, the first 1:');
    expect(text).toContain('and 1 more difference');
  });

  it('are no lines at all where there are none', () => {
    expect(differenceLines([], view)).toEqual([]);
    expect(skipLines([], 80)).toEqual([]);
  });

  it('of kinds other than a step are told as they are', () => {
    const failures = [{ id: 'vtdss/x', expected: { pa: '0x1000' }, actual: null }];
    expect(differenceLines(failures, view).join('\n')).toContain('expected {"pa":"0x1000"}, seen none');
  });

  it('say which cases were skipped, where and why', () => {
    expect(skipLines(fixtureResults.skips, 200)).toEqual([
      'skipped: debian-6.12-intel/move/warm-iotlb on group-alloc/one-step: the variant does not support nesting',
    ]);
  });
});

describe('commands', () => {
  it('go on in the next line as a shell takes it', () => {
    const lines = commandLines('iommu-lab trace a/quite/long/workload --variant device/raw', 41, 2);
    expect(lines).toEqual(['  iommu-lab trace a/quite/long/workload \\', '      --variant device/raw']);
    expect(commandLines('short', 40, 2)).toEqual(['  short']);
  });

  it('quote what a shell would read otherwise', () => {
    expect(shellWord('debian-6.1-intel/map/basic')).toBe('debian-6.1-intel/map/basic');
    expect(shellWord("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  });
});

describe('a table with a long last column', () => {
  it('breaks it and nothing else', () => {
    const columns = ['id', 'title'].map((head) => ({ head, align: 'left' as const }));
    const lines = fittedTable(columns, [['a/b', 'one two three four five six seven']], 26);
    expect(lines).toEqual([
      'id   title',
      '-----------------------',
      'a/b  one two three four',
      '     five six seven',
    ]);
  });
});
