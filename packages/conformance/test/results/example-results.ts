/** Results of two variants over three workloads: one fails, one is skipped, one passes. */
import type { Results } from '../../src/results/results';

const cost = { lockAcquisitions: 4, stepsHeld: 12, invalidations: 2, contextWrites: 1 };

const traffic = {
  era: '6.12',
  machine: 'debian-6.12-intel',
  blackout: 11,
  blocked: 0,
  dropped: 20,
  foreign: 0,
};

const place = (id: string) =>
  ({ era: '6.12', frontend: 'type1', machine: 'debian-6.12-intel', case: id }) as const;

export const exampleResults: Results = {
  version: 1,
  suite: '0.1.0',
  profiles: [{ id: 'debian-6.12-intel', era: '6.12', evidence: 'recorded' }],
  reasons: ['2 answers differ'],
  rows: [
    {
      variant: 'group/attach',
      title: 'attach by group',
      conformance: { steps: 9, equal: 7, declared: 0, differing: 2, skipped: 0 },
      workloads: { steps: 3, equal: 0, declared: 0, differing: 0, skipped: 3 },
      entryPoints: ['iommu_domain_alloc', 'iommu_attach_group'],
      cost: { 'set-iommu': cost, join: cost, move: cost, leave: cost },
      safety: { era: '6.12', judged: 9, reachable: ['H01'], worst: 'v1:3odxdt:7.1' },
      traffic,
    },
    {
      variant: 'device/raw',
      title: 'attach by device',
      conformance: { steps: 5, equal: 5, declared: 0, differing: 0, skipped: 0 },
      workloads: { steps: 0, equal: 0, declared: 0, differing: 0, skipped: 0 },
      entryPoints: ['iommu_attach_device'],
      cost: { 'set-iommu': cost, join: cost, move: cost, leave: cost },
      safety: null,
      traffic: null,
    },
  ],
  byWorkload: [
    {
      id: 'map/basic',
      ...place('map/basic'),
      title: 'map & unmap',
      recorded: true,
      cells: [
        {
          variant: 'group/attach',
          steps: 5,
          equal: 3,
          declared: 0,
          differing: 2,
          skipped: 0,
          counterfactual: false,
        },
        {
          variant: 'device/raw',
          steps: 5,
          equal: 5,
          declared: 0,
          differing: 0,
          skipped: 0,
          counterfactual: false,
        },
      ],
    },
    {
      id: 'move/<warm>',
      ...place('move/<warm>'),
      title: 'a warm IOTLB',
      recorded: false,
      cells: [
        {
          variant: 'group/attach',
          steps: 3,
          equal: 0,
          declared: 0,
          differing: 0,
          skipped: 3,
          counterfactual: false,
        },
      ],
    },
    {
      id: 'close',
      ...place('close'),
      title: 'closing',
      recorded: true,
      cells: [
        {
          variant: 'group/attach',
          steps: 4,
          equal: 4,
          declared: 0,
          differing: 0,
          skipped: 0,
          counterfactual: false,
        },
      ],
    },
  ],
  failures: [
    {
      id: 'map/basic',
      variant: 'group/attach',
      step: 2,
      expected: { ret: 0 },
      actual: { ret: -1, errno: 'EBUSY' },
    },
    { id: 'map/basic', variant: 'device/other', step: 2, expected: 'elsewhere', actual: null },
    { id: 'map/basic', variant: 'group/attach', expected: 'a <b> & "c"', actual: 'bell \u0007' },
  ],
  skips: [
    { id: 'move/<warm>', variant: 'group/attach', reason: "needs 'nesting'" },
    { id: 'move/<warm>', variant: 'device/raw', reason: 'elsewhere' },
  ],
};
