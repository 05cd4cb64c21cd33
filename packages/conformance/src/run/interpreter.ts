/**
 * Performs the steps of a case on a freshly booted system. Steps are data: which operations there are is the grammar's
 * table, what each does is one function in operations/.
 */
import type { EventListener, Violation } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import { System, type SystemCheckpoint } from '@iommu-lab/vfio';
import type { OperationName } from '../grammar/operations';
import type { Profile } from '../grammar/profile';
import type { GivenNames, Step } from '../grammar/step';
import { groupNumbersByMember } from '../profiles';
import type { StepAnswer } from '../trace/compare';
import { Context } from './context';
import type { Handler, Handlers } from './handlers';
import { containerHandlers } from './operations/container';
import { deviceHandlers } from './operations/device';
import { deviceAccessHandlers } from './operations/device-access';
import { eduHandlers } from './operations/edu';
import { faultAndModuleHandlers } from './operations/faults-and-modules';
import { fileHandlers } from './operations/files';
import { groupHandlers } from './operations/group';
import { inKernelHandlers } from './operations/in-kernel';
import { memoryHandlers } from './operations/memory';
import { observationHandlers } from './operations/observations';
import { portHandlers } from './operations/port';
import { processHandlers } from './operations/process';
import { sysfsHandlers } from './operations/sysfs';

/** Operations of the grammar that no profile of this version can run: traffic that never stops comes with scenarios. */
type NotYet = 'traffic.start' | 'traffic.stop';

const HANDLERS: Handlers<Exclude<OperationName, NotYet>> = {
  ...containerHandlers,
  ...deviceAccessHandlers,
  ...deviceHandlers,
  ...eduHandlers,
  ...faultAndModuleHandlers,
  ...fileHandlers,
  ...groupHandlers,
  ...inKernelHandlers,
  ...memoryHandlers,
  ...observationHandlers,
  ...portHandlers,
  ...processHandlers,
  ...sysfsHandlers,
};

/** Whether steps of this operation can be performed. */
export function canPerform(operation: OperationName): boolean {
  return Object.hasOwn(HANDLERS, operation);
}

/** A booted system and the state to go back to: booting costs more than most cases. */
export class Bench {
  readonly #checkpoint: SystemCheckpoint;

  private constructor(
    readonly system: System,
    readonly profile: Profile,
  ) {
    this.#checkpoint = system.checkpoint();
  }

  /** Boots. @throws TypeError for a variant without a domain port. */
  static boot(profile: Profile, variant: Variant): Bench {
    return new Bench(new System({ ...profile, groups: groupNumbersByMember(profile) }, variant), profile);
  }

  /** The system as it was booted, for the next case. */
  reset(): void {
    this.system.kernel.world.listener = null;
    this.system.restore(this.#checkpoint);
  }
}

export class Interpreter {
  readonly #context: Context;

  constructor(bench: Bench) {
    this.#context = new Context(bench.system, bench.profile);
  }

  /** Performs one step. @throws TypeError where the case itself is wrong, as with a name that nothing gave. */
  run(step: Step): StepAnswer {
    const handler = HANDLERS[step.op as Exclude<OperationName, NotYet>] as Handler<OperationName>;
    return handler(this.#context, step.args, (step.out ?? {}) as GivenNames);
  }

  /** Shows every event of the kernel from now on. */
  listen(listener: EventListener): void {
    this.#context.system.kernel.world.listener = listener;
  }

  violations(): readonly Violation[] {
    return this.#context.system.kernel.world.violations;
  }

  /** What is left over once the process has ended and the boot state is restored; one sentence each. */
  audit(): readonly string[] {
    const { system } = this.#context;
    if (!this.#context.ended) this.run({ op: 'end', args: {} });
    return [...system.restoreBoot(), ...system.audit()];
  }
}
