/**
 * A scenario as a program of the explorer: a booted system after the set-up, and threads that can be run in any order.
 * The state that an execution leaves can be looked at until the next one begins.
 */
import { type Op, type Program, type Thread, UsageError } from '@iommu-lab/explorer';
import type { EraId, Variant } from '@iommu-lab/kernel';
import { System, type Task } from '@iommu-lab/vfio';
import type { Profile } from '../grammar/profile';
import type { Step } from '../grammar/step';
import { InputError } from '../input-error';
import { groupNumbersByMember, profile, profileOfEra } from '../profiles';
import { Context } from '../run/context';
import { performStep } from '../run/perform-step';
import { stepCode, taskOf } from '../run/steps';
import { compareStep, type Difference, type StepAnswer } from '../trace/compare';
import { endOfScenario } from './end';
import type { Scenario, ScenarioThread } from './scenario';

/** What a thread returns: the answer of each of its steps, in order. */
export type ThreadAnswers = readonly StepAnswer[];

export interface ScenarioProgram extends Program {
  readonly scenario: Scenario;
  readonly variant: string;
  readonly era: EraId;
  readonly system: System;
}

export interface ScenarioOptions {
  /** The kernel; default: that of the scenario's profile. */
  readonly era?: EraId;
}

/**
 * Boots, performs the set-up and makes the threads. Two programs of one scenario share nothing. The program's id is the
 * scenario's with the variant and the era: what a token stands for.
 * @throws InputError where a step of the set-up does not answer as the scenario says, or there is no such kernel
 * @throws TypeError for a variant without a domain port
 */
export function scenarioProgram(
  scenario: Scenario,
  variant: Variant,
  options: ScenarioOptions = {},
): ScenarioProgram {
  const machine = machineOf(scenario, options.era);
  const system = new System({ ...machine, groups: groupNumbersByMember(machine) }, variant);
  const context = setUp(scenario, system, machine);
  const tasks = scenario.threads.map(processes(context));
  const used: Context[] = [];
  const threads = scenario.threads.map((thread, k) =>
    threadOf(scenario, thread, context, tasks[k] as Task, (own) => {
      used[k] = own;
    }),
  );
  return {
    id: programId(scenario.id, variant.id, machine.era),
    scenario,
    variant: variant.id,
    era: machine.era,
    system,
    world: system.kernel.world,
    threads,
    atEnd: () => {
      const last = context.forThread(context.task);
      for (const own of used) last.learn(own);
      endOfScenario(system, new Set([context.task, ...tasks]), () => {
        for (const step of scenario.afterwards ?? []) performStep(last, step);
      });
    },
  };
}

/** The era that a scenario runs at when `era` is asked for. @throws InputError where that was not recorded */
export function eraOfScenario(scenario: Scenario, era?: EraId): EraId {
  return machineOf(scenario, era).era;
}

function machineOf(scenario: Scenario, era: EraId | undefined): Profile {
  const recorded = profile(scenario.profile, scenario.id);
  return era === undefined ? recorded : profileOfEra(recorded, era, scenario.id);
}

/** What tokens name a program by. */
export function programId(scenario: string, variant: string, era: string): string {
  return `${scenario} ${variant} ${era}`;
}

function setUp(scenario: Scenario, system: System, machine: Profile): Context {
  const context = new Context(system, machine);
  const { world } = system.kernel;
  const wrong = (k: number, message: string) =>
    new InputError(message, { source: scenario.id, field: `setup[${k}] ${scenario.setup[k]?.op}` });
  for (const [k, step] of scenario.setup.entries()) {
    const [difference] = differencesOf(
      step,
      answerTo(context, step, (message) => wrong(k, message)),
    );
    if (difference !== undefined) throw wrong(k, inWords(difference));
    // A lock order that the kernel's validator does not see is for the search to judge, with what the threads do.
    const violation = world.violations.find(({ kernelSilent }) => kernelSilent !== true);
    if (violation !== undefined) throw wrong(k, violation.message);
  }
  const [waiting] = world.parked;
  if (waiting !== undefined) {
    throw new InputError(`${waiting.name} still waits when the threads begin`, {
      source: scenario.id,
      field: 'setup',
    });
  }
  const [running] = system.kernel.traffic.running;
  if (running !== undefined) {
    throw new InputError(`${running} still does DMA by itself: in a search a thread drives a device`, {
      source: scenario.id,
      field: 'setup',
    });
  }
  return context;
}

function answerTo(context: Context, step: Step, wrong: (message: string) => InputError): StepAnswer {
  try {
    return performStep(context, step);
  } catch (error) {
    throw error instanceof TypeError ? wrong(error.message) : error;
  }
}

/** A step that says nothing of its success must succeed. */
function differencesOf(step: Step, answer: StepAnswer): Difference[] {
  const silent = step.ret === undefined && step.errno === undefined && step.out?.kernel === undefined;
  const differences = compareStep(step, answer);
  if (!silent) return differences;
  const { errno } = answer;
  const came = answer.oops?.kind ?? (answer.blocked === true ? 'hang' : errno);
  return came === null ? differences : [{ field: 'errno', expected: null, actual: came }, ...differences];
}

function inWords({ field, expected, actual }: Difference): string {
  return `${field} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`;
}

/** The process of each thread. A named one is forked when it is first asked for. */
function processes(context: Context): (thread: ScenarioThread) => Task {
  const named = new Map<string, Task>();
  const processOf = (name: string | undefined): Task => {
    if (name === undefined) return context.task;
    const known = named.get(name);
    if (known !== undefined) return known;
    const child = context.system.fork(context.task);
    if (typeof child === 'string') throw new TypeError(`process ${name} cannot be forked: ${child}`);
    named.set(name, child);
    return child;
  };
  return ({ process }) => processOf(process);
}

function threadOf(
  scenario: Scenario,
  thread: ScenarioThread,
  context: Context,
  task: Task,
  began: (own: Context) => void,
): Thread {
  const { name, steps } = thread;
  const runner = steps.every((step) => taskOf(context, step) !== context.task);
  return {
    name,
    // What only a root shell does runs as the shell; a thread that does anything else is a program's.
    task: runner ? context.system.sysfs.shell : task,
    isUser: !runner,
    *body(): Op<ThreadAnswers> {
      const own = context.forThread(task);
      began(own);
      const answers: StepAnswer[] = [];
      for (const [k, step] of steps.entries()) {
        try {
          answers.push(yield* stepCode(own, step));
        } catch (error) {
          throw error instanceof UsageError
            ? new UsageError(`${scenario.id}: ${name} step ${k} ${step.op}: ${error.message}`)
            : error;
        }
      }
      return answers;
    },
  };
}
