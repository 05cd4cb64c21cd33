/** Changes of domain under traffic: every workload of it on every variant, kernel and machine. */
import {
  Bench,
  InputError,
  observeTraffic,
  type Profile,
  profile,
  profileIds,
  profileOfEra,
  SUITE_VERSION,
  type TrafficReport,
  type TrafficResult,
  trafficWorkloads,
  type Workload,
} from '@iommu-lab/conformance';
import { eraIds, type Variant } from '@iommu-lab/kernel';
import { VARIANTS } from './registry';

/** The machine that designs are compared on where there is one figure for each. */
const USUAL_MACHINE = 'debian-6.12-intel';
/** The workload of that figure: nothing fails, and both domains map what the devices reach for. */
const USUAL_WORKLOAD = 'move';

export interface TrafficOptions {
  /** Default: every built-in variant. Those without a domain port are left out. */
  readonly variants?: readonly Variant[];
  /** Default: `trafficWorkloads()`. */
  readonly workloads?: readonly Workload[];
  /** Default: `trafficMachines()`. */
  readonly machines?: readonly Profile[];
}

/** Every recorded machine, and for each kernel that was not recorded the usual machine with it. */
export function trafficMachines(): readonly Profile[] {
  const recorded = profileIds().map((id) => profile(id));
  const others = eraIds().filter((era) => !recorded.some((one) => one.era === era));
  return [...recorded, ...others.flatMap(usualMachineAt)];
}

/** None where that kernel cannot be put on a recorded machine. */
function usualMachineAt(era: string): readonly Profile[] {
  try {
    return [profileOfEra(profile(USUAL_MACHINE), era, 'traffic')];
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** Runs in any runtime; deterministic. */
export function traffic(options: TrafficOptions = {}): TrafficReport {
  const { variants = VARIANTS, workloads = trafficWorkloads(), machines = trafficMachines() } = options;
  const able = variants.filter(({ ports }) => ports.domain !== undefined);
  const results = machines.flatMap((machine) =>
    able.flatMap((variant) => {
      const bench = Bench.boot(machine, variant);
      return workloads.map((workload) => observeTraffic(workload, variant, machine, bench));
    }),
  );
  return { suite: SUITE_VERSION, results };
}

/** The one figure: a move at the usual machine's kernel. Null for a variant without a domain port. */
export function usualMove(variant: Variant): TrafficResult | null {
  const workloads = trafficWorkloads().filter(({ id }) => id === USUAL_WORKLOAD);
  const { results } = traffic({ variants: [variant], workloads, machines: [profile(USUAL_MACHINE)] });
  return results[0] ?? null;
}

/** The longest blackout of any of the devices, in steps; null where one of them reached nothing any more. */
export function blackoutOf({ devices }: Pick<TrafficResult, 'devices'>): number | null {
  let longest = 0;
  for (const { blackout } of devices) {
    if (blackout === null) return null;
    longest = Math.max(longest, blackout);
  }
  return longest;
}
