/** Performs the steps of a case on a freshly booted system, each as one call of the kernel. */
import type { EventListener, Violation } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import { System, type SystemCheckpoint } from '@iommu-lab/vfio';
import type { Profile } from '../grammar/profile';
import type { Step } from '../grammar/step';
import { groupNumbersByMember, profile as profileOf } from '../profiles';
import type { StepAnswer } from '../trace/compare';
import { Context } from './context';
import { performStep } from './perform-step';

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

/** Systems that are booted once for each profile and variant. */
export class Benches {
  readonly #booted = new Map<string, Bench>();

  /** @throws TypeError as `Bench.boot` does, InputError for a profile that is not there */
  of(profileId: string, variant: Variant): Bench {
    const key = `${profileId} ${variant.id}`;
    const bench = this.#booted.get(key) ?? Bench.boot(profileOf(profileId), variant);
    this.#booted.set(key, bench);
    return bench;
  }
}

export class Interpreter {
  readonly #context: Context;

  constructor(bench: Bench) {
    this.#context = new Context(bench.system, bench.profile);
  }

  /** Performs one step. @throws TypeError where the case itself is wrong, as with a name that nothing gave. */
  run(step: Step): StepAnswer {
    return performStep(this.#context, step);
  }

  /** Shows every event of the kernel from now on. */
  listen(listener: EventListener): void {
    this.#context.system.kernel.world.listener = listener;
  }

  /**
   * What went wrong, and what the kernel's own lock validator would have said. A lock order that it would not have seen
   * is none: the recorded kernels are silent there too, and nothing has gone wrong. A search reports it.
   */
  violations(): readonly Violation[] {
    return this.#context.system.kernel.world.violations.filter(({ kernelSilent }) => kernelSilent !== true);
  }

  /** Whether an IOMMU driver of the kernel has done something wrong by itself. */
  driverFaulted(): boolean {
    return this.#context.system.kernel.driverFaults.value.length > 0;
  }

  /** What is left over once the process has ended and the boot state is restored; one sentence each. */
  audit(): readonly string[] {
    const { system } = this.#context;
    if (!this.#context.ended) this.run({ op: 'end', args: {} });
    return [...system.restoreBoot(), ...system.audit()];
  }
}
