/** The table that `npm start` prints, for the README: the comparison is run and rendered as on an 80-column terminal. */
import { compare } from '@iommu-lab/comparison';
import { designTable } from '../../apps/cli/src/render/design-table';
import { PLAIN } from '../../apps/cli/src/terminal/colours';

export function table(): string {
  const { results, holds } = compare();
  if (!holds) throw new Error('the comparison does not hold: the README cannot show it');
  return ['', '```text', ...designTable(results, 80, PLAIN), '```', ''].join('\n');
}
