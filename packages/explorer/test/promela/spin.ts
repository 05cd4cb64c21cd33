/** Spin as an independent checker: what it finds in a Promela model. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a full search of all states found. */
export interface SpinVerdict {
  /** An assertion can fail. */
  readonly assertion: boolean;
  /** There is a state in which no process can go on and some have not ended. */
  readonly deadlock: boolean;
  readonly states: number;
}

/** Why Spin cannot run here, or null. With IOMMU_LAB_REQUIRE_TOOLS=1 the lack of it is an Error. */
export function spinMissing(): string | null {
  const missing = [
    ['spin', '-V'],
    ['gcc', '--version'],
  ].filter(([tool = '', option = '']) => spawnSync(tool, [option]).status !== 0);
  if (missing.length === 0) return null;
  const why = `${missing.map(([tool]) => tool).join(' and ')} not installed (Debian: apt-get install spin gcc)`;
  if (process.env.IOMMU_LAB_REQUIRE_TOOLS === '1') throw new Error(why);
  return why;
}

/** Searches a model completely. @throws Error when a tool fails or the search is cut short. */
export function runSpin(model: string, defines: readonly string[]): SpinVerdict {
  const folder = mkdtempSync(join(tmpdir(), 'iommu-lab-spin-'));
  try {
    copyFileSync(model, join(folder, 'model.pml'));
    run(folder, 'spin', ['-a', ...defines.map((define) => `-D${define}`), 'model.pml']);
    run(folder, 'gcc', ['-O0', '-w', '-DSAFETY', '-DNOREDUCE', '-o', 'pan', 'pan.c']);
    // -c0: goes on after an error; -E: deadlocks are no errors, -A: failing assertions are none.
    const assertions = search(folder, '-E');
    const deadlocks = search(folder, '-A');
    return { assertion: assertions.errors > 0, deadlock: deadlocks.errors > 0, states: deadlocks.states };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function search(folder: string, option: string): { errors: number; states: number } {
  const output = run(folder, './pan', ['-m10000', '-c0', '-w18', option]);
  const errors = /errors: (\d+)/.exec(output)?.[1];
  const states = /(\d+) states, stored/.exec(output)?.[1];
  if (errors === undefined || states === undefined || /Search not completed|max search depth/.test(output)) {
    throw new Error(`spin's search did not end well:\n${output}`);
  }
  return { errors: Number(errors), states: Number(states) };
}

function run(cwd: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}${stderr}`);
  return stdout;
}
