/** Two engines on one program: a check of the explorer by itself. */
import type { Program } from '../program';
import { violationKey } from '../violation';
import type { Exploration, ExploreOptions, Progress } from './exploration';
import { explore } from './explore';

/** What two partial-order engines say of one program. A field of its own beside a verdict, never part of it. */
export interface Agreement {
  readonly engines: readonly ['optimal', 'source'];
  readonly executions: readonly [number, number];
  /** The same number of traces and the same violations, both searches complete. */
  readonly agree: boolean;
  /** What differs, in words; empty when they agree. */
  readonly differences: readonly string[];
}

/** Explores with the optimal engine and again with source sets, and compares. */
export function exploreTwice(
  program: Program,
  options: Omit<ExploreOptions, 'engine'> = {},
): Exploration & { readonly agreement: Agreement } {
  const optimal = explore(program, { ...options, engine: 'optimal' });
  const source = explore(program, { ...withExecutionsBefore(options, optimal), engine: 'source' });
  const differences = [...verdicts(optimal, source), ...findings(optimal, source)];
  const agreement: Agreement = {
    engines: ['optimal', 'source'],
    executions: [optimal.executions, source.executions],
    agree: differences.length === 0,
    differences,
  };
  return { ...optimal, agreement };
}

/** The progress of the second search counts on from the first. */
function withExecutionsBefore<T extends Pick<ExploreOptions, 'onProgress'>>(
  options: T,
  first: Exploration,
): T {
  const { onProgress } = options;
  if (onProgress === undefined) return options;
  return {
    ...options,
    onProgress: (progress: Progress) =>
      onProgress({
        ...progress,
        executions: first.executions + progress.executions,
        steps: first.steps + progress.steps,
      }),
  };
}

function verdicts(optimal: Exploration, source: Exploration): string[] {
  if (optimal.verdict !== source.verdict) {
    return [`optimal says ${optimal.verdict}, source ${source.verdict}`];
  }
  if (optimal.verdict !== 'COMPLETE') return [`neither is complete: ${optimal.reason}`];
  // Where the optimal engine had to fall back it may run a trace twice, and so may source.
  if (optimal.fallbacks > 0 || source.fallbacks > 0) return [];
  if (optimal.executions === source.executions) return [];
  return [`optimal ran ${optimal.executions} traces, source ${source.executions}`];
}

function findings(optimal: Exploration, source: Exploration): string[] {
  const first = new Set(optimal.findings.map(violationKey));
  const second = new Set(source.findings.map(violationKey));
  return [
    ...[...first].filter((key) => !second.has(key)).map((key) => `only optimal found ${key}`),
    ...[...second].filter((key) => !first.has(key)).map((key) => `only source found ${key}`),
  ];
}
