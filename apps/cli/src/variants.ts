/** Variants as the command line names them. */
import { VARIANTS } from '@iommu-lab/comparison';
import type { Variant } from '@iommu-lab/kernel';
import { UsageError } from './usage-error';

/** The built-in variant of that id. @throws UsageError for any other text, a module's path among them. */
export function variantNamed(id: string): Variant {
  const found = VARIANTS.find((variant) => variant.id === id);
  if (found !== undefined) return found;
  const known = VARIANTS.map((variant) => variant.id).join(', ');
  if (looksLikePath(id)) {
    throw new UsageError(`"${id}" looks like a module: only built-in variants can be run so far: ${known}`);
  }
  throw new UsageError(`unknown variant "${id}"; there are: ${known}`);
}

/** The variants of a list, each once; all where there is no list or it says `all`. @throws UsageError */
export function variantsNamed(ids: readonly string[] | undefined): readonly Variant[] {
  if (ids === undefined || ids.includes('all')) return VARIANTS;
  return [...new Set(ids.map((id) => variantNamed(id.trim())))];
}

function looksLikePath(text: string): boolean {
  return /^(\.{0,2}\/|file:)/.test(text) || /\.[cm]?[jt]s$/.test(text);
}
