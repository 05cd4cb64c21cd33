/** Whether a violation is what a scenario looks for. */
import type { Violation } from '@iommu-lab/explorer';
import type { Scenario, Sought } from './scenario';

/** A scenario that looks for nothing in particular is shown by whatever goes wrong. */
export function isSought(
  { looksFor }: Pick<Scenario, 'looksFor'>,
  violation: Pick<Violation, 'kind' | 'object' | 'message'>,
): boolean {
  return looksFor === undefined || looksFor.some((one) => matches(one, violation));
}

function matches(
  { kind, object, says }: Sought,
  violation: Pick<Violation, 'kind' | 'object' | 'message'>,
): boolean {
  if (violation.kind !== kind) return false;
  if (says !== undefined && !violation.message.startsWith(says)) return false;
  if (object === undefined) return true;
  const label = violation.object ?? '';
  return object.endsWith('*') ? label.startsWith(object.slice(0, -1)) : label === object;
}
