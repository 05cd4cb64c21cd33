/** Runs a workload under traffic on a variant: what came of each device's transactions, and where it was left. */
import { type EraId, eraFunctions, type Variant } from '@iommu-lab/kernel';
import type { Profile } from '../grammar/profile';
import type { Step } from '../grammar/step';
import type { Workload } from '../grammar/workload';
import type { TrafficResult } from '../results/traffic';
import { type Bench, Interpreter } from '../run/interpreter';
import type { StepAnswer } from '../trace/compare';

/**
 * Performs the steps on a booted system, whatever they answer, and leaves it as it was. Precondition: the system is the
 * variant's and of the machine.
 */
export function observeTraffic(
  workload: Workload,
  variant: Variant,
  machine: Profile,
  bench: Bench,
): TrafficResult {
  const interpreter = new Interpreter(bench);
  try {
    const answers = workload.steps.map((one) => {
      // A step without expectations is a step.
      const step = one as Step;
      return { step, answer: interpreter.run(step) };
    });
    return {
      ...headOf(workload, variant, machine),
      devices: answers.flatMap(({ step }) =>
        step.op === 'traffic.stop' ? [deviceOf(step.args.dev, answers)] : [],
      ),
      failed: answers.flatMap(({ step, answer }) => failureOf(step, answer)),
      violations: interpreter.violations().map(({ kind, at, message }) => `${kind} in ${at}: ${message}`),
    };
  } finally {
    bench.reset();
  }
}

type Head = Omit<TrafficResult, 'devices' | 'failed' | 'violations'>;

function headOf({ id, title }: Workload, variant: Variant, machine: Profile): Head {
  const era: EraId = machine.era;
  return {
    variant: variant.id,
    era,
    frontend: 'type1',
    machine: machine.id,
    case: id,
    title,
    evidence: eraFunctions(era).evidence,
    counterfactual: !variant.eras.includes(era),
    defaultDomain: machine.defaultDomain,
  };
}

interface Answered {
  readonly step: Step;
  readonly answer: StepAnswer;
}

function deviceOf(device: string, answers: readonly Answered[]): TrafficResult['devices'][number] {
  const outOf = (op: Step['op']) =>
    answers.find(({ step }) => step.op === op && 'dev' in step.args && step.args.dev === device)?.answer.out;
  const { moved: _, faulted: __, ...report } = outOf('traffic.stop') ?? {};
  return { device, ...report, ...outOf('port.where') } as TrafficResult['devices'][number];
}

function failureOf({ op }: Step, { errno, blocked, oops, out }: StepAnswer): TrafficResult['failed'] {
  if (errno === null && blocked !== true && oops === undefined) return [];
  const nowOn = out?.nowOn as string | null | undefined;
  return [nowOn === undefined ? { op, errno } : { op, errno, nowOn }];
}
