/**
 * The soundness of what steps declare, over the real kernel and every built-in design: a step touches only what it
 * declares, and steps that the rules call independent can be swapped without a difference.
 */
import { describe, expect, it } from 'vitest';
import { findVariant, VARIANTS } from '../src/index';
import { dependent } from './soundness/dependency';
import { Swapper, undeclaredTouches } from './soundness/executions';
import { SCENARIOS, scenarioProgram } from './soundness/scenarios';

const PLACES = [
  ['debian-6.12-intel', 'qemu-7.2'],
  ['debian-6.12-intel', 'hardware'],
  ['debian-6.1-intel', 'hardware'],
] as const;
const SEEDS = [1, 2];
const MORE_SEEDS = [1, 2, 3, 4];

/** What the kernel asks of the hardware, all of which must occur in the scenarios. */
const HARDWARE_STEPS = [
  'hw.bus_reset',
  'hw.config_read',
  'hw.config_restore',
  'hw.config_write',
  'hw.destroy_tables',
  'hw.dma',
  'hw.free_tables',
  'hw.invalidate_context',
  'hw.invalidate_iotlb_domain',
  'hw.invalidate_iotlb_range',
  'hw.iova_to_phys',
  'hw.map',
  'hw.mmio_read',
  'hw.mmio_write',
  'hw.read_context',
  'hw.take_faults',
  'hw.unmap',
  'hw.write_context',
];

const performed = new Set<string>();

// Every design meets every scenario, and each scenario every place with one design or another.
describe.each(VARIANTS.map((variant, n) => [variant.id, variant, n] as const))('%s', (_, variant, n) => {
  const cases = SCENARIOS.map(
    (name, at) => [name, PLACES[(n + at) % PLACES.length] as (typeof PLACES)[number]] as const,
  );

  it.each(cases)('%s: declares what it touches', (name, [profile, behaviour]) => {
    const scenario = scenarioProgram(name, variant, profile, behaviour);
    scenario.program.world.listener = ({ kind, name: operation }) => {
      if (kind === 'operation') performed.add(operation);
    };
    for (const seed of SEEDS) expect(undeclaredTouches(scenario, seed)).toEqual([]);
  });

  it.each(cases)('%s: independent neighbours can be swapped', (name, [profile, behaviour]) => {
    const swapper = new Swapper(scenarioProgram(name, variant, profile, behaviour));
    const faults = SEEDS.flatMap((seed) => swapper.faults(seed, (one, other) => !dependent(one, other), 0.4));
    swapper.stop();
    expect(faults).toEqual([]);
  });
});

describe('a schedule that is run again reaches the same states', () => {
  it.each(SCENARIOS)('%s', (name) => {
    for (const [profile, behaviour] of PLACES) {
      const swapper = new Swapper(scenarioProgram(name, findVariant('group/replace'), profile, behaviour));
      for (const seed of MORE_SEEDS) expect(swapper.unrepeated(seed)).toBeNull();
      swapper.stop();
    }
  });
});

it('the scenarios have every step of the hardware in them', () => {
  expect(HARDWARE_STEPS.filter((name) => !performed.has(name))).toEqual([]);
});

it('a swap of steps that depend on each other is found out', () => {
  const swapper = new Swapper(
    scenarioProgram('counts', VARIANTS[0] as (typeof VARIANTS)[number], ...PLACES[0]),
  );
  const faults = [1, 2, 3].flatMap((seed) => swapper.faults(seed, () => true, 1));
  expect(faults.some((fault) => fault.includes('is answered something else'))).toBe(true);
  expect(swapper.swapped).toBeGreaterThan(0);
  swapper.stop();
});
