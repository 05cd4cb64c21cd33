/** Eras as the command line names them. */
import { type EraId, eraIds } from '@iommu-lab/kernel';
import { UsageError } from './usage-error';

/** The era of that id; undefined where none was asked for. @throws UsageError */
export function eraNamed(id: string | undefined): EraId | undefined {
  if (id === undefined) return undefined;
  const found = eraIds().find((era) => era === id);
  if (found !== undefined) return found;
  throw new UsageError(`unknown era "${id}"; there are: ${eraIds().join(', ')}`);
}
