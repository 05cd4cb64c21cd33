/** The built-in variants, in the order in which tables show them. */
import { devMutex, passedIn, pinned, raw } from '@iommu-lab/api-device';
import { attach, replace, replaceV1 } from '@iommu-lab/api-group';
import { iterator, oneStep, twoStep } from '@iommu-lab/api-group-alloc';
import { InputError } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';

export const VARIANTS: readonly Variant[] = [
  attach,
  replaceV1,
  replace,
  raw,
  pinned,
  devMutex,
  passedIn,
  twoStep,
  oneStep,
  iterator,
];

/** The built-in variant of that id. @throws InputError naming the ids there are. */
export function findVariant(id: string): Variant {
  const found = VARIANTS.find((variant) => variant.id === id);
  if (found !== undefined) return found;
  const known = VARIANTS.map((variant) => variant.id).join(', ');
  throw new InputError(`unknown variant "${id}"; there are: ${known}`, { source: '--variant' });
}

/** The variants of a comma-separated list; `all` or nothing stands for every built-in one. */
export function selectVariants(list: string | undefined): readonly Variant[] {
  if (list === undefined || list === 'all') return VARIANTS;
  return list.split(',').map((id) => findVariant(id.trim()));
}
