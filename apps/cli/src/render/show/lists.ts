/** What `show` lists of each kind of thing. */
import { SUPPORT, traffic, VARIANTS } from '@iommu-lab/comparison';
import {
  hazards,
  pendingHazards,
  profile,
  profileIds,
  scenarios,
  trafficWorkloads,
} from '@iommu-lab/conformance';
import { eraFunctions, eraIds } from '@iommu-lab/kernel';
import { catalogue } from '../../catalogue';
import { formats } from '../../formats';
import { counted } from '../tally-text';
import { type Column, fittedTable } from '../text-table';
import { trafficLines } from './traffic';

export const KINDS = [
  'variants',
  'workloads',
  'scenarios',
  'hazards',
  'eras',
  'profiles',
  'formats',
  'traffic',
] as const;
export type Kind = (typeof KINDS)[number];

/** One line for each kind: how many there are. */
export function overview(width: number): string[] {
  const cases = catalogue();
  const counts: Record<Kind, string> = {
    variants: counted(VARIANTS.length, 'API design'),
    workloads: `${cases.filter(({ recorded }) => !recorded).length} of our own, ${cases.filter(({ recorded }) => recorded).length} recorded`,
    scenarios: counted(scenarios().length, 'scenario'),
    hazards: `${hazards().length} judged, ${pendingHazards().length} pending`,
    eras: counted(eraIds().length, 'kernel'),
    profiles: counted(profileIds().length, 'recorded machine'),
    formats: counted(formats().length, 'page-table format'),
    traffic: counted(trafficWorkloads().length, 'change of domain', 'changes of domain'),
  };
  return fittedTable(
    left('iommu-lab show', ''),
    KINDS.map((kind) => [kind, counts[kind]]),
    width,
  );
}

/** All things of a kind, a line each. */
export function list(kind: Kind, width: number): string[] {
  switch (kind) {
    case 'variants':
      return fittedTable(
        left('variant', 'frontends', 'title'),
        VARIANTS.map(({ id, title }) => [id, (SUPPORT.frontends[id] ?? []).join(', '), title]),
        width,
      );
    case 'workloads':
      return fittedTable(left('workload', 'steps', 'kernels', 'title'), workloadRows(), width);
    case 'scenarios':
      return fittedTable(
        left('scenario', 'hazard', 'threads', 'title'),
        scenarios().map(({ id, hazard, threads, title }) => [
          id,
          hazard?.id ?? '',
          String(threads.length),
          title,
        ]),
        width,
      );
    case 'hazards':
      return fittedTable(left('hazard', 'varies by', 'subject'), hazardRows(), width);
    case 'eras':
      return fittedTable(
        left('era', 'evidence'),
        eraIds().map((id) => [id, eraFunctions(id).evidence]),
        width,
      );
    case 'profiles':
      return fittedTable(
        left('profile', 'era', 'title'),
        profileIds().map((id) => [id, profile(id).era, profile(id).title]),
        width,
      );
    case 'formats':
      return fittedTable(
        left('format', 'title'),
        formats().map(({ id, title }) => [id, title]),
        width,
      );
    case 'traffic':
      return trafficLines(traffic(), width);
  }
}

function left(...heads: readonly string[]): Column[] {
  return heads.map((head) => ({ head, align: 'left' }));
}

/** Those that are judged, then the others. */
function hazardRows(): string[][] {
  return [
    ...hazards().map(({ id, varies, title }) => [id, varies, title]),
    ...pendingHazards().map(({ id, title }) => [id, '(pending)', title]),
  ];
}

/** A case that was recorded on several profiles is one line. */
function workloadRows(): string[][] {
  const rows = new Map<string, { steps: Set<number>; kernels: Set<string>; title: string }>();
  for (const { case: one, recorded } of catalogue()) {
    const key = `${recorded} ${one.id}`;
    const row = rows.get(key) ?? {
      steps: new Set(),
      kernels: new Set(),
      title: recorded ? '(recorded)' : one.title,
    };
    row.steps.add(one.steps.length);
    row.kernels.add(profile(one.profile).era);
    rows.set(key, row);
  }
  return [...rows].map(([key, { steps, kernels, title }]) => [
    key.slice(key.indexOf(' ') + 1),
    [...steps].join('/'),
    kernels.size > 2 ? `${kernels.size} kernels` : [...kernels].join(' '),
    title,
  ]);
}
