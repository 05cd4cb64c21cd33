/** Runs a workload under traffic on a variant: what came of each device's transactions, and where it was left. */
import type { TrafficReport, Variant } from '@iommu-lab/kernel';
import type { Profile } from '../grammar/profile';
import type { Step } from '../grammar/step';
import type { Workload } from '../grammar/workload';
import { Bench, Interpreter } from '../run/interpreter';
import type { StepAnswer } from '../trace/compare';

/** One device of the group that changed domains. */
export interface DeviceUnderTraffic extends TrafficReport {
  readonly device: string;
  /** The domain that the hardware has it on, as `port.where` names it; null for none. */
  readonly attached: string | null;
  /** The domain that its group is said to be on. */
  readonly domain: string | null;
}

/** A call of the workload that did not succeed. */
export interface FailedCall {
  readonly op: string;
  /** Null where it did not come back. */
  readonly errno: string | null;
  /** Of a move: the domain that the design says the group is on, null for neither. */
  readonly nowOn?: string | null;
}

export interface TrafficObservation {
  readonly devices: readonly DeviceUnderTraffic[];
  readonly failed: readonly FailedCall[];
  /** What the detectors and invariants found, one sentence each, in order. */
  readonly violations: readonly string[];
}

/** Boots the machine and performs the steps, whatever they answer. @throws TypeError for a variant without a domain port. */
export function observeTraffic(workload: Workload, variant: Variant, machine: Profile): TrafficObservation {
  const interpreter = new Interpreter(Bench.boot(machine, variant));
  const answers = workload.steps.map((step) => ({
    step: step as Step,
    answer: interpreter.run(step as Step),
  }));
  const outOf = (op: Step['op'], device: string) =>
    answers.find(({ step }) => step.op === op && 'dev' in step.args && step.args.dev === device)?.answer.out;
  const devices = answers
    .flatMap(({ step }) => (step.op === 'traffic.stop' ? [step.args.dev] : []))
    .map((device) => {
      const { moved: _, faulted: __, ...report } = outOf('traffic.stop', device) ?? {};
      return { device, ...report, ...outOf('port.where', device) } as DeviceUnderTraffic;
    });
  return {
    devices,
    failed: answers.flatMap(({ step, answer }) => failureOf(step, answer)),
    violations: interpreter.violations().map(({ kind, at, message }) => `${kind} in ${at}: ${message}`),
  };
}

function failureOf({ op }: Step, { errno, blocked, oops, out }: StepAnswer): FailedCall[] {
  if (errno === null && blocked !== true && oops === undefined) return [];
  const nowOn = out?.nowOn as string | null | undefined;
  return [nowOn === undefined ? { op, errno } : { op, errno, nowOn }];
}
