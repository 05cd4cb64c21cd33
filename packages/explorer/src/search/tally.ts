/** Counts the executions of a search, collects what they found, and repeats one in a hundred as a check. */
import type { Recording } from '../counterexample/recording';
import { DataRaceDetector } from '../detect/data-race';
import { type Violation, violationKey } from '../violation';
import { BecauseCollector } from './because';
import type { Accesses } from './dependency';
import type { Ending } from './ending';
import type { Execution } from './execution';
import type { Engine, Exploration, ExploreOptions, Finding, VerdictWord } from './exploration';
import type { Trail } from './trail';

/** One execution in this many is run a second time, */
const REPEAT_EVERY = 100;
/** and each of the first so many: a small search must notice too. */
const REPEAT_FIRST = 10;
const PROGRESS_EVERY = 256;

interface MutableFinding extends Finding {
  executions: number;
}

/** What an execution did, to be compared with what it does when it is run again. */
interface Performance {
  readonly schedule: readonly number[];
  readonly accesses: readonly Accesses[];
  /** Who could have gone on: nobody, or somebody where it was cut. */
  readonly enabled: number;
}

export class Tally {
  executions = 0;
  redundant = 0;
  cut = 0;
  deadlocks = 0;
  waits = 0;
  restarts = 0;
  repeated = 0;
  differing = 0;
  readonly #findings = new Map<string, MutableFinding>();
  readonly #known: number;
  #inversions = 0;
  #first: Performance | null = null;
  readonly #races: DataRaceDetector;
  readonly #because: BecauseCollector | null;

  constructor(
    private readonly execution: Execution,
    private readonly options: ExploreOptions,
  ) {
    const { world, threads } = execution.program;
    this.#known = world.violations.length;
    world.lockOrder.beginSearch();
    this.#races = new DataRaceDetector(
      world,
      threads.map((thread) => thread.name),
    );
    const { deciding } = options;
    this.#because = deciding === undefined ? null : new BecauseCollector(world, deciding);
    if (this.#because !== null) this.#listen(this.#because.recording);
  }

  /** Takes in an execution at its end. Returns whether the search may go on. */
  add(ending: Ending, record: Trail, steps: number, atLeast: number): boolean {
    this.#count(ending);
    const { program } = this.execution;
    const enabled = this.execution.enabled();
    if (ending === 'finished') program.atEnd?.();
    if (ending !== 'redundant') this.#races.check(record);
    const violations = program.world.violations.slice(this.#known);
    this.#collect(violations, record);
    this.#collect(program.world.lockOrder.inversions.slice(this.#inversions), record);
    this.#inversions = program.world.lockOrder.inversions.length;
    const schedule = () => record.schedule();
    const accessesOf = (step: number) => record.accessesOf(step);
    const view = { ending, world: program.world, violations, schedule, accessesOf };
    this.#because?.observe(view);
    this.options.observe?.(view);
    if (ending !== 'redundant') this.#repeatSome(record, enabled);
    if (this.found > 0 && this.options.stopAtFirst === true) return false;
    return this.#mayGoOn(steps, atLeast);
  }

  /**
   * Executions that show an unlock by one who does not hold the lock. The dependency rules know only honest ones: what
   * else can come of a lock that is free when it should be held is not searched completely.
   */
  get strayUnlocks(): number {
    let executions = 0;
    for (const finding of this.#findings.values()) {
      if (finding.kind === 'bad-unlock') executions = Math.max(executions, finding.executions);
    }
    return executions;
  }

  get found(): number {
    return this.#findings.size;
  }

  /** The search is over: runs its first execution once more, after all that ran since. */
  close(): void {
    if (this.#first === null) return;
    this.#repeat(this.#first);
    this.execution.finish();
  }

  /** Forgets everything but that it did: the search begins anew. */
  startOver(): void {
    this.executions = this.redundant = this.cut = this.deadlocks = this.waits = 0;
    this.repeated = this.differing = 0;
    this.#findings.clear();
    this.#because?.startOver();
    this.execution.program.world.lockOrder.beginSearch();
    this.#inversions = 0;
    this.#first = null;
    this.restarts++;
  }

  result(
    engine: Engine,
    verdict: VerdictWord,
    reason: string,
    counts: { steps: number; newSteps: number; deepest: number; fallbacks: number },
  ): Exploration {
    const { program } = this.execution;
    if (this.#because !== null) {
      program.world.listener = null;
      program.world.listensToLocals = false;
    }
    const { executions, redundant, cut, deadlocks, waits, restarts, repeated, differing } = this;
    return {
      program: program.id,
      engine,
      verdict,
      reason,
      memoryModel: 'sequentially consistent',
      threads: program.threads.map((thread) => thread.name),
      executions,
      redundant,
      cut,
      deadlocks,
      waits,
      ...counts,
      restarts,
      repeated,
      differing,
      findings: [...this.#findings.values()],
      because: this.#because?.result() ?? null,
    };
  }

  #listen(recording: Recording): void {
    const { world } = this.execution.program;
    world.listener = recording.listener;
    world.listensToLocals = true;
    this.execution.onStart = () => recording.begin();
  }

  #count(ending: Ending): void {
    if (ending === 'redundant') {
      this.redundant++;
      return;
    }
    this.executions++;
    if (ending === 'cut') this.cut++;
    if (ending === 'deadlock') this.deadlocks++;
    if (ending === 'waits') this.waits++;
  }

  #collect(violations: readonly Violation[], record: Trail): void {
    const seen = new Set<string>();
    for (const { step: _, ...violation } of violations) {
      const key = violationKey(violation);
      if (seen.has(key)) continue;
      seen.add(key);
      const known = this.#findings.get(key);
      if (known !== undefined) known.executions++;
      else {
        const schedule = record.schedule();
        this.#findings.set(key, { ...violation, schedule, executions: 1 });
      }
    }
  }

  #repeatSome(record: Trail, enabled: number): void {
    const { executions } = this;
    if (executions > REPEAT_FIRST && executions % REPEAT_EVERY !== 1) return;
    const schedule = record.schedule();
    const performance = { schedule, accesses: schedule.map((_, step) => record.accessesOf(step)), enabled };
    this.#first ??= performance;
    this.#repeat(performance);
  }

  #repeat(performance: Performance): void {
    this.repeated++;
    if (!this.#goesLike(performance)) this.differing++;
  }

  /** Runs the same schedule again: every step must be possible and access the same, and it must end there. */
  #goesLike({ schedule, accesses, enabled }: Performance): boolean {
    const { execution } = this;
    execution.start();
    for (const [step, fiber] of schedule.entries()) {
      if (((execution.enabled() >> fiber) & 1) === 0) return false;
      execution.step(fiber);
      if (!execution.performedLike(fiber, accesses[step] as Accesses)) return false;
    }
    return execution.enabled() === enabled;
  }

  #mayGoOn(steps: number, atLeast: number): boolean {
    const {
      maxExecutions = Number.POSITIVE_INFINITY,
      onProgress,
      progressEvery = PROGRESS_EVERY,
    } = this.options;
    const run = this.executions + this.redundant;
    if (onProgress !== undefined && run % progressEvery === 0) {
      const progress = { executions: this.executions, steps, atLeast, violations: this.found };
      if (!onProgress(progress)) return false;
    }
    return run < maxExecutions;
  }
}
