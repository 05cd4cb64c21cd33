/** Checks of call lists that need all of them: each variant does what its list says, and no two lists are equal. */
import { type CallList, callText, compareCalls, observeOperations } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';

/** Everything that is wrong, one line each: differences from the lists, missing lists, equal lists. */
export function checkCallLists(variants: readonly Variant[], lists: readonly CallList[]): string[] {
  const wrong: string[] = [];
  for (const variant of variants) {
    const list = lists.find((one) => one.variant === variant.id);
    if (list === undefined) {
      wrong.push(`${variant.id}: there is no call list`);
      continue;
    }
    const differences = compareCalls(list, observeOperations(variant).calls);
    wrong.push(...differences.map((line) => `${variant.id}: ${line}`));
  }
  return [...wrong, ...equalLists(lists)];
}

function equalLists(lists: readonly CallList[]): string[] {
  const seen = new Map<string, string>();
  const equal: string[] = [];
  for (const { variant, ...operations } of lists) {
    const text = Object.values(operations).flat().map(callText).join('\n');
    const twin = seen.get(text);
    if (twin !== undefined) equal.push(`${variant}: its call list is equal to that of ${twin}`);
    seen.set(text, variant);
  }
  return equal;
}
