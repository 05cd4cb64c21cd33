/** What did not come out as expected, in words: for every verb that compares. */
import type { Failure, Skip } from '@iommu-lab/conformance';

/** A step that differs in the same way on one or more variants. */
export interface Difference {
  readonly id: string;
  readonly variants: readonly string[];
  readonly step: number | undefined;
  readonly fields: readonly FieldDifference[];
}

export interface FieldDifference {
  /** `errno`, `out.size`; empty where the difference is one of the whole case. */
  readonly field: string;
  readonly expected: string;
  readonly seen: string;
}

/** The failures in their order, those that differ only in the variant taken together. */
export function differences(failures: readonly Failure[]): Difference[] {
  const merged = new Map<string, { failure: Failure; variants: string[] }>();
  for (const failure of failures) {
    const { variant, ...rest } = failure;
    const key = JSON.stringify([rest.id, rest.step, rest.expected, rest.actual]);
    const entry = merged.get(key) ?? { failure, variants: [] };
    if (variant !== undefined) entry.variants.push(variant);
    merged.set(key, entry);
  }
  return [...merged.values()].map(({ failure, variants }) => ({
    id: failure.id,
    variants,
    step: failure.step,
    fields: fieldsOf(failure),
  }));
}

function fieldsOf({ expected, actual }: Failure): FieldDifference[] {
  if (!isRecord(expected) || !isRecord(actual)) {
    return [{ field: '', expected: valueText(expected), seen: valueText(actual) }];
  }
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return names.map((field) => ({
    field,
    expected: valueText(expected[field]),
    seen: valueText(actual[field]),
  }));
}

/** `errno: expected EINVAL, seen none`. */
export function fieldText({ field, expected, seen }: FieldDifference): string {
  return `${field === '' ? '' : `${field}: `}expected ${expected}, seen ${seen}`;
}

/** Plain words for plain values, JSON for everything else. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface SkipGroup {
  readonly reason: string;
  readonly ids: readonly string[];
  readonly variants: readonly string[];
}

/** Skips by reason: what was not run, on which variants. */
export function skipGroups(skips: readonly Skip[]): SkipGroup[] {
  const reasons = [...new Set(skips.map((skip) => skip.reason))];
  return reasons.map((reason) => {
    const ours = skips.filter((skip) => skip.reason === reason);
    return {
      reason,
      ids: [...new Set(ours.map((skip) => skip.id))],
      variants: [...new Set(ours.flatMap((skip) => (skip.variant === undefined ? [] : [skip.variant])))],
    };
  });
}
