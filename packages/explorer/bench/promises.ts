/**
 * The thread's scenario in its form `device` as a program of promises, run by fast-check's scheduler, beside the same
 * scenario under the explorer's random walk. Each operation of the one is one scheduled promise of the other; a lock
 * that is taken is waited for with a promise, as asynchronous code does it.
 */
import fc, { type Scheduler } from 'fast-check';
import { explore } from '../src/index';
import { thread } from '../test/programs/thread';
import { formOf, median } from './rates';

const DEFAULT_DOMAIN = 1;
const USER_DOMAIN = 2;

class PromisedLock {
  #taken = false;
  #waiters: (() => void)[] = [];

  constructor(private readonly point: () => Promise<void>) {}

  async lock(): Promise<void> {
    await this.point();
    while (this.#taken) {
      await new Promise<void>((wake) => this.#waiters.push(wake));
      await this.point();
    }
    this.#taken = true;
  }

  async unlock(): Promise<void> {
    await this.point();
    this.#taken = false;
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** One run's state, and the three threads. */
class PromisedScene {
  freedWasUsed = false;
  #freed = false;
  #owned = false;
  #kernelUsers = 0;
  #domain = DEFAULT_DOMAIN;
  #inContainer = false;
  #left: (() => void)[] = [];
  readonly #listed = [true, true];
  readonly #inGroup = [true, true];
  readonly #point: () => Promise<void>;
  readonly #groupMutex: PromisedLock;
  readonly #containerLock: PromisedLock;
  readonly #iommuLock: PromisedLock;
  readonly #deviceMutexes: readonly [PromisedLock, PromisedLock];
  readonly #deviceListLock: PromisedLock;

  constructor(scheduler: Scheduler) {
    this.#point = () => scheduler.schedule(Promise.resolve());
    const lock = () => new PromisedLock(this.#point);
    this.#groupMutex = lock();
    this.#containerLock = lock();
    this.#iommuLock = lock();
    this.#deviceMutexes = [lock(), lock()];
    this.#deviceListLock = lock();
  }

  /** An access to a member of a device; device 0 may be gone. */
  async #touch(device: number): Promise<void> {
    await this.#point();
    if (device === 0 && this.#freed) this.freedWasUsed = true;
  }

  async #setGroupDomain(domain: number): Promise<void> {
    await this.#groupMutex.lock();
    for (const device of [0, 1]) {
      await this.#point();
      if (this.#listed[device] === true) await this.#touch(device);
    }
    await this.#point();
    this.#domain = domain;
    await this.#groupMutex.unlock();
  }

  async #attach(): Promise<boolean> {
    await this.#groupMutex.lock();
    let device = -1;
    for (const candidate of [0, 1]) {
      await this.#point();
      if (this.#listed[candidate] !== true) continue;
      device = candidate;
      break;
    }
    await this.#groupMutex.unlock();
    if (device < 0) return false;
    await this.#touch(device);
    await this.#point();
    await this.#touch(device);
    if (this.#inGroup[device] !== true) return false;
    await this.#setGroupDomain(USER_DOMAIN);
    return true;
  }

  async #claim(): Promise<boolean> {
    await this.#groupMutex.lock();
    await this.#point();
    const free = this.#kernelUsers === 0;
    if (free) {
      await this.#point();
      this.#owned = true;
    }
    await this.#groupMutex.unlock();
    return free;
  }

  async setIommuAndClose(): Promise<void> {
    await this.#containerLock.lock();
    if (await this.#claim()) {
      await this.#point();
      this.#inContainer = true;
      await this.#iommuLock.lock();
      const attached = await this.#attach();
      await this.#iommuLock.unlock();
      await this.#containerLock.unlock();
      await this.#containerLock.lock();
      if (attached) {
        await this.#iommuLock.lock();
        await this.#setGroupDomain(DEFAULT_DOMAIN);
        await this.#iommuLock.unlock();
      }
      await this.#groupMutex.lock();
      await this.#point();
      this.#owned = false;
      await this.#groupMutex.unlock();
      await this.#point();
      this.#inContainer = false;
      for (const wake of this.#left.splice(0)) wake();
    }
    await this.#containerLock.unlock();
  }

  async unplug(): Promise<void> {
    await this.#deviceMutexes[0].lock();
    await this.#deviceListLock.lock();
    await this.#point();
    await this.#deviceListLock.unlock();
    await this.#point();
    while (this.#inContainer) {
      await new Promise<void>((wake) => this.#left.push(wake));
      await this.#point();
    }
    await this.#touch(0);
    await this.#deviceMutexes[0].unlock();
    await this.#groupMutex.lock();
    await this.#point();
    this.#listed[0] = false;
    await this.#touch(0);
    this.#inGroup[0] = false;
    await this.#groupMutex.unlock();
    await this.#touch(0);
    await this.#point();
    this.#freed = true;
  }

  async probeSibling(): Promise<void> {
    await this.#deviceMutexes[1].lock();
    await this.#groupMutex.lock();
    await this.#point();
    const free = !this.#owned;
    if (free) {
      await this.#point();
      this.#kernelUsers = 1;
    }
    await this.#groupMutex.unlock();
    if (free) {
      await this.#point();
      await this.#point();
      if (this.#domain === USER_DOMAIN) throw new Error("DMA through the user's domain");
      await this.#point();
      await this.#groupMutex.lock();
      await this.#point();
      this.#kernelUsers = 0;
      await this.#groupMutex.unlock();
    }
    await this.#deviceMutexes[1].unlock();
  }
}

const schedules = (found: (scene: PromisedScene) => boolean) =>
  fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const scene = new PromisedScene(scheduler);
    const threads = [scene.setIommuAndClose(), scene.unplug(), scene.probeSibling()];
    await scheduler.waitFor(Promise.all(threads));
    return found(scene);
  });

export interface Comparison {
  /** Executions for each second that the process had a core. */
  readonly explorerPerCpuSecond: number;
  readonly fastCheckPerCpuSecond: number;
  /** Median of the ratios of neighbouring measurements. */
  readonly ratio: number;
  /** Executions up to the first that shows the use-after-free, mean over the seeds; of the optimal search, exactly. */
  readonly explorerToBug: number;
  readonly fastCheckToBug: number;
  readonly optimalToBug: number;
  readonly seeds: number;
}

const RUNS = 1500;
const EXPLORER_RUNS = 10 * RUNS;
const MOST_RUNS_TO_BUG = 20_000;

/** Random schedules of the scenario by both, in turn. */
export async function comparison(rounds: number, seeds: number): Promise<Comparison> {
  const program = () => thread(formOf('device'));
  const walks: number[] = [];
  const checks: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const walk = await cpuSeconds(() => {
      explore(program(), { engine: 'random', maxExecutions: EXPLORER_RUNS, seed: round + 2 });
    });
    const check = await cpuSeconds(async () => {
      await fc.assert(
        schedules(() => true),
        { numRuns: RUNS, seed: round + 2 },
      );
    });
    if (round < 0) continue;
    walks.push(EXPLORER_RUNS / walk);
    checks.push(RUNS / check);
  }
  const toBug = { explorer: 0, fastCheck: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    toBug.explorer += executionsToBug(seed);
    const property = schedules((scene) => !scene.freedWasUsed);
    const details = await fc.check(property, { numRuns: MOST_RUNS_TO_BUG, seed, endOnFailure: true });
    if (!details.failed)
      throw new Error(`fast-check did not find the use-after-free in ${details.numRuns} runs`);
    toBug.fastCheck += details.numRuns;
  }
  const optimal = explore(program(), { stopAtFirst: true });
  return {
    explorerPerCpuSecond: median(walks),
    fastCheckPerCpuSecond: median(checks),
    ratio: median(walks.map((walk, index) => walk / (checks[index] as number))),
    explorerToBug: toBug.explorer / seeds,
    fastCheckToBug: toBug.fastCheck / seeds,
    optimalToBug: optimal.executions,
    seeds,
  };
}

function executionsToBug(seed: number): number {
  const result = explore(thread(formOf('device')), {
    engine: 'random',
    maxExecutions: MOST_RUNS_TO_BUG,
    stopAtFirst: true,
    seed,
  });
  if (result.findings.length === 0) throw new Error(`no use-after-free in ${result.executions} random walks`);
  return result.executions;
}

async function cpuSeconds(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
