/** The page-table formats that the machine can build and walk. */
import { isErrno, type SecondStageConfig, vtdSecondStage } from '@iommu-lab/core';
import { type Fact, factLines } from './render/show/facts';

export interface FormatEntry {
  /** As vectors name it. */
  readonly id: string;
  readonly title: string;
  readonly facts: readonly Fact[];
}

const PAGE_BYTES = 4096;

/** All formats that are implemented. */
export function formats(): readonly FormatEntry[] {
  return [
    {
      id: 'vtdss',
      title: 'VT-d second-stage tables',
      facts: ([3, 4, 5] as const).map((levels) => ({
        name: `${levels} levels`,
        values: [geometryText({ levels })],
      })),
    },
  ];
}

function geometryText(config: SecondStageConfig): string {
  const built = vtdSecondStage.build(config);
  if (isErrno(built)) throw new TypeError(`vtdss refuses ${JSON.stringify(config)}: ${built}`);
  const { inputBits, outputBits, leafSizes } = built.geometry;
  const sizes = leafSizes.map(({ pages }) => sizeText(pages * PAGE_BYTES)).join(', ');
  return `${inputBits}-bit iova, ${outputBits}-bit physical addresses, pages of ${sizes}`;
}

function sizeText(bytes: number): string {
  for (const [unit, factor] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
  ] as const) {
    if (bytes >= factor) return `${bytes / factor} ${unit}`;
  }
  return `${bytes / 1024} KiB`;
}

/** A format in words. */
export function formatLines(format: FormatEntry, width: number): string[] {
  return factLines(
    [{ name: 'format', values: [format.id] }, { name: 'title', values: [format.title] }, ...format.facts],
    width,
  );
}
