/**
 * A scenario: set-up steps that run one after the other, and one to three threads of steps that run in every order.
 *
 * What decides (two events) and what is looked for speak to whoever reads a result; they never change what a search
 * does. A hazard of the catalogue is the scenarios that name it, one for each of its forms. Where an injected failure
 * decides, it stands in the set-up.
 */
import type { Deciding, ViolationKind } from '@iommu-lab/explorer';
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { parseStep, parseWorkloadStep } from '../grammar/parse-step';
import type { PROFILE_ERAS } from '../grammar/profile';
import type { Step, WorkloadStep } from '../grammar/step';
import { name, text } from '../grammar/values';
import { InputError, type InputPlace } from '../input-error';
import { canBeThread } from '../run/steps';
import { VIOLATION_KINDS } from './violation-kinds';

/** A thread of a scenario. */
export interface ScenarioThread {
  readonly name: string;
  /**
   * The process that it belongs to. Absent: that of the set-up. Any other name is a child that the set-up's process
   * forks after the set-up; threads that give the same name are threads of one process.
   */
  readonly process?: string;
  readonly steps: readonly WorkloadStep[];
}

/** The hazard that the scenario shows. */
export interface HazardOf {
  /** As the catalogue numbers it, e.g. `H01`. */
  readonly id: string;
  /** `design`: judged for each variant. `kernel`: for each era, whatever the variant. */
  readonly varies: 'design' | 'kernel';
}

/** A violation that is looked for; what is absent is open. */
export interface Sought {
  readonly kind: ViolationKind;
  /** The object's label; a `*` at the end stands for anything. */
  readonly object?: string;
  /** How its message begins, as `I1`. */
  readonly says?: string;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly profile: string;
  /** By era: what is different there. */
  readonly eras?: Readonly<Partial<Record<(typeof PROFILE_ERAS)[number], string>>>;
  readonly hazard?: HazardOf;
  /** Each must answer as it says; one that says nothing must succeed. */
  readonly setup: readonly Step[];
  readonly threads: readonly ScenarioThread[];
  /** What the set-up's process does when all threads have returned, whatever it answers; then it exits. */
  readonly afterwards?: readonly Step[];
  /** Two events whose order matters, worded so that every design has them. */
  readonly deciding?: Deciding;
  /** The violations that show the hazard: any of them. Others that a search finds are told too, and decide nothing. */
  readonly looksFor?: readonly Sought[];
}

const pattern = v.strictObject({
  thread: v.exactOptional(name),
  /** The modelled kernel function in which it happens. */
  within: v.exactOptional(name),
  /** The operation, such as `kfree`. */
  operation: v.exactOptional(name),
  /** The label of what it touches; a `*` at the end stands for anything. */
  target: v.exactOptional(name),
});

const sought = v.strictObject({
  kind: v.picklist(VIOLATION_KINDS),
  object: v.exactOptional(name),
  says: v.exactOptional(name),
});

const note = v.exactOptional(text);

/** By era. The type keeps the list complete. */
const eraNotes = { '5.10': note, '2022-02': note, '6.1': note, '6.12': note, '7.2': note } satisfies Record<
  (typeof PROFILE_ERAS)[number],
  typeof note
>;

const head = {
  id: name,
  title: name,
  profile: name,
  eras: v.exactOptional(v.strictObject(eraNotes)),
  hazard: v.exactOptional(
    v.strictObject({
      id: v.pipe(
        v.string('expected a hazard like "H01"'),
        v.regex(/^H[0-9]{2}[a-z]?$/, 'expected a hazard like "H01"'),
      ),
      varies: v.picklist(['design', 'kernel']),
    }),
  ),
  deciding: v.exactOptional(v.strictObject({ use: pattern, end: pattern })),
  looksFor: v.exactOptional(v.pipe(v.array(sought), v.nonEmpty('expected a violation'))),
};

const threadHead = { name, process: v.exactOptional(name) };

const MOST_THREADS = 3;
const threadCount = v.pipe(
  v.array(v.unknown()),
  v.minLength(1, 'expected one to three threads'),
  v.maxLength(MOST_THREADS, 'expected one to three threads'),
);

const document = v.strictObject({
  ...head,
  setup: v.array(v.unknown()),
  threads: threadCount,
  afterwards: v.exactOptional(v.array(v.unknown())),
});
const thread = v.strictObject({
  ...threadHead,
  steps: v.pipe(v.array(v.unknown()), v.nonEmpty('expected a step')),
});

/** The whole document with its steps checked by `step` and `threadStep`: what JSON Schema is made of. */
export function scenarioSchema(step: v.GenericSchema, threadStep: v.GenericSchema): v.GenericSchema {
  const steps = v.pipe(v.array(threadStep), v.nonEmpty('expected a step'));
  return v.strictObject({
    ...head,
    setup: v.array(step),
    threads: v.pipe(
      v.array(v.strictObject({ ...threadHead, steps })),
      v.minLength(1),
      v.maxLength(MOST_THREADS),
    ),
    afterwards: v.exactOptional(v.array(step)),
  });
}

/** The scenario that the JSON value describes. `source` names its file in errors. Throws `InputError`. */
export function parseScenario(json: unknown, source: string): Scenario {
  const place = { source };
  const { setup, threads, afterwards, ...rest } = parseAs(document, json, place);
  const scenario = {
    ...rest,
    setup: setup.map((step, k) => parseStep(step, place, `setup[${k}]`)),
    threads: threads.map((each, k) => parseThread(each, place, `threads[${k}]`)),
    ...(afterwards === undefined
      ? {}
      : { afterwards: afterwards.map((step, k) => parseStep(step, place, `afterwards[${k}]`)) }),
  };
  checkThreadNames(scenario, place);
  return scenario;
}

function parseThread(json: unknown, place: InputPlace, prefix: string): ScenarioThread {
  const { steps, ...rest } = parseAs(thread, json, place, prefix);
  return { ...rest, steps: steps.map((step, k) => parseThreadStep(step, place, `${prefix}.steps[${k}]`)) };
}

function parseThreadStep(json: unknown, place: InputPlace, prefix: string): WorkloadStep {
  const step = parseWorkloadStep(json, place, prefix);
  if (!canBeThread(step.op)) {
    throw new InputError(`${step.op} can stand in the set-up, not in a thread`, {
      ...place,
      field: `${prefix}.op`,
    });
  }
  if ('async' in step.args) {
    throw new InputError('a thread waits by itself: nothing is started aside', {
      ...place,
      field: `${prefix}.args.async`,
    });
  }
  return step;
}

/** Threads are told apart by name, and what decides names them. */
function checkThreadNames({ threads, deciding }: Scenario, place: InputPlace): void {
  const names = threads.map((each) => each.name);
  for (const [k, each] of names.entries()) {
    if (names.indexOf(each) === k) continue;
    throw new InputError(`there is another thread "${each}"`, { ...place, field: `threads[${k}].name` });
  }
  for (const side of ['use', 'end'] as const) {
    const named = deciding?.[side].thread;
    if (named === undefined || names.includes(named)) continue;
    throw new InputError(`there is no thread "${named}"; there are: ${names.join(', ')}`, {
      ...place,
      field: `deciding.${side}.thread`,
    });
  }
}
