/**
 * Holds a model's answer against what is expected of a step: `ret`, `errno`, and `out` key by key where recorded.
 *
 * A recorded hang is a call of the model that is still blocked; a recorded BUG or crash is an oops of the model. Names
 * that a step gives (`handle`, `id`) are no answers and are not compared. Hex strings are compared by value.
 */
import type { Errno } from '@iommu-lab/core';
import type { Expectation } from '../grammar/step';

/** What the model answered to one step. */
export interface StepAnswer {
  /** Null where the call did not come back. */
  readonly ret: number | null;
  readonly errno: Errno | null;
  readonly out?: Readonly<Record<string, unknown>>;
  /** The call waits for something that nobody left can do. */
  readonly blocked?: boolean;
  /** The kernel died under the call, in the kernel function `at`. */
  readonly oops?: { readonly kind: 'BUG' | 'crash'; readonly at?: string };
}

/** One field that differs. `expected` or `actual` is undefined where there is no such value. */
export interface Difference {
  /** `ret`, `errno`, or a path such as `out.faults[0].reason`. */
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

const GIVEN_NAMES = new Set(['handle', 'id']);

/** The differences, none where the answer is as expected. Fields that are not expected are not compared. */
export function compareStep(expected: Expectation, actual: StepAnswer): Difference[] {
  const died = actual.oops?.kind ?? (actual.blocked === true ? 'hang' : undefined);
  const differences: Difference[] = [];
  const check = (field: string, wanted: unknown, got: unknown) => {
    if (wanted !== got) differences.push({ field, expected: wanted, actual: got });
  };
  const { kernel, at, ...out } = expected.out ?? {};
  if (expected.ret !== undefined) check('ret', expected.ret, died === undefined ? actual.ret : null);
  if (expected.errno !== undefined) check('errno', expected.errno, died === undefined ? actual.errno : null);
  if (expected.ret !== undefined || kernel !== undefined) check('out.kernel', kernel, died);
  if (at !== undefined) check('out.at', at, actual.oops?.at);
  for (const [key, wanted] of Object.entries(out)) {
    if (!GIVEN_NAMES.has(key)) differences.push(...compareValue(`out.${key}`, wanted, actual.out?.[key]));
  }
  return differences;
}

function compareValue(field: string, expected: unknown, actual: unknown): Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((each, k) => compareValue(`${field}[${k}]`, each, actual[k]));
  }
  if (isRecord(expected) && isRecord(actual) && sameKeys(expected, actual)) {
    return Object.keys(expected).flatMap((key) =>
      compareValue(`${field}.${key}`, expected[key], actual[key]),
    );
  }
  return canonical(expected) === canonical(actual) ? [] : [{ field, expected, actual }];
}

/** A value that is equal to another's exactly when both mean the same. Objects and arrays are only themselves. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const hex = /^(phys\()?(0x[0-9a-fA-F]+)(\)?)$/.exec(value);
  return hex === null ? value : `${hex[1] ?? ''}${BigInt(hex[2] ?? '').toString(16)}${hex[3]} as a number`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameKeys(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key));
}
