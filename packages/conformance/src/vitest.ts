/**
 * The suite inside vitest: one test for each case, named by its id. vitest is an optional peer; only this module
 * imports it.
 */

import type { Variant } from '@iommu-lab/kernel';
import { describe, it } from 'vitest';
import { type CallList, compareCalls } from './observe/call-list';
import { observeOperations } from './observe/observe-operations';
import { recordings } from './recordings';
import { type CaseResult, holds } from './run/case-result';
import { CaseRunner } from './run/run-case';
import { workloads } from './workloads/index';

export interface ConformanceOptions {
  /** The hand-written list of what the variant calls; without it calls are not judged. */
  readonly calls?: CallList;
}

/** Declares the suite for a variant: every recorded trace, every workload, and the call list. */
export function describeConformance(variant: Variant, options: ConformanceOptions = {}): void {
  describe(variant.id, () => {
    const runner = new CaseRunner();
    const recorded = recordings().flatMap(({ cases }) => cases);
    for (const one of [...recorded, ...workloads()]) {
      it(`${one.profile} ${one.id}`, (context) => {
        const result = runner.run(one, variant);
        if (result.skipped !== null) context.skip(result.skipped);
        if (!holds(result)) throw new Error(explain(result));
      });
    }
    const { calls } = options;
    if (calls === undefined) return;
    it('calls what its call list says', () => {
      const differences = compareCalls(calls, observeOperations(variant).calls);
      if (differences.length > 0) throw new Error(differences.join('\n'));
    });
  });
}

/** Everything that is wrong with a case, one line each. */
export function explain(result: CaseResult): string {
  return [
    ...result.failures.flatMap(({ step, op, differences }) =>
      differences.map(
        (difference) =>
          `step ${step} ${op}: ${difference.field}: expected ${JSON.stringify(difference.expected)}, ` +
          `got ${JSON.stringify(difference.actual)}`,
      ),
    ),
    ...result.audit.map((leftover) => `left over: ${leftover}`),
    ...result.violations.map((one) => `${one.kind} in ${one.at}: ${one.message}`),
  ].join('\n');
}
