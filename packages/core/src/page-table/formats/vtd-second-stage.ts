/**
 * VT-d second-stage tables (VT-d specification, section "Second-Stage Paging Entries"), as Linux 7.0 builds them.
 *
 * ```
 *  63  62      52 51                        12 11  10   9   8   7  6  5  3  2  1  0
 * +---+----------+----------------------------+---+---+---+---+---+---+-----+--+--+--+
 * |ign| ignored  | page frame or next table   |SNP|ign| D | A |PS |IPT| EMT |X |W |R |
 * +---+----------+----------------------------+---+---+---+---+---+---+-----+--+--+--+
 * ```
 * R, W: read, write; an entry with neither is absent, there is no present bit. Both are ANDed over all levels.
 * PS: leaf at level 1 (2 MiB) or 2 (1 GiB), whose address bits below the page size must be zero; reserved above,
 * ignored at level 0. SNP: force snoop, reserved in entries that point to a table. Bit 10: ignored by hardware; Linux
 * marks pointers with it once they are flushed for a walker that does not snoop. Address bits from the output width
 * to 51 are reserved, as is bit 62 (device-TLB hint) in QEMU 7.2; here it is ignored, as in the specification.
 *
 * Left out: X and the memory type bits (nesting), A and D (scalable mode only).
 */
import { ERRNO, type Errno } from '../../errno';
import {
  type Codec,
  ENTRY_EMPTY,
  ENTRY_LEAF,
  ENTRY_TABLE,
  type Geometry,
  type LeafSize,
  nothingAllowed,
  type PageTableFormat,
  PERMISSION_READ,
  PERMISSION_WRITE,
  PROT_COMBINATIONS,
  PROT_READ,
  PROT_WRITE,
} from '../format';

export const SECOND_STAGE_READ = 1 << 0;
export const SECOND_STAGE_WRITE = 1 << 1;
export const SECOND_STAGE_PAGE_SIZE = 1 << 7;
export const SECOND_STAGE_SNOOP = 1 << 11;
const FLUSHED = 1 << 10;
/** Highest level that can hold leaves (1 GiB). */
export const SECOND_STAGE_TOP_LEAF_LEVEL = 2;

export interface SecondStageConfig {
  levels: 3 | 4 | 5;
  /** Width of physical addresses in bits; 52 when left out. */
  outputBits?: number;
  /** Which leaves there are: 0 only 4 KiB, 1 also 2 MiB, 2 (when left out) also 1 GiB. */
  leafLevels?: number;
  /** Sets SNP in every leaf. */
  forceSnoop?: boolean;
  /** Refuses mappings without write. */
  forceWriteable?: boolean;
  /** Marks pointers as flushed (bit 10), for a walker that does not snoop the CPU's caches. */
  nonCoherent?: boolean;
  /** Sets R in every leaf, as Linux 6.1 and 6.12 do. */
  writeOnlyReadable?: boolean;
}

function buildGeometry(config: SecondStageConfig): Geometry | Errno {
  const { levels, outputBits = 52, leafLevels = SECOND_STAGE_TOP_LEAF_LEVEL } = config;
  if (![3, 4, 5].includes(levels) || ![0, 1, 2].includes(leafLevels)) return 'EINVAL';
  if (!Number.isInteger(outputBits) || outputBits < 32 || outputBits > 52) return 'EINVAL';
  const leafSizes: LeafSize[] = [];
  for (let level = 0; level <= leafLevels; level++)
    leafSizes.push({ pages: 512 ** level, level, entries: 1 });
  return {
    levels,
    indexBits: Array(levels).fill(9),
    entryWords: 2,
    tablePages: Array(levels).fill(1),
    granulePages: 1,
    leafSizes,
    inputBits: 12 + 9 * levels,
    outputBits,
  };
}

/** The low attribute bits of a leaf for every set of protection bits. */
function leafAttributes(config: SecondStageConfig): Int32Array {
  return Int32Array.from({ length: PROT_COMBINATIONS }, (_, prot) => {
    let bits = config.forceSnoop === true ? SECOND_STAGE_SNOOP : 0;
    if ((prot & PROT_READ) !== 0 || config.writeOnlyReadable === true) bits |= SECOND_STAGE_READ;
    if ((prot & PROT_WRITE) !== 0) bits |= SECOND_STAGE_WRITE;
    return bits;
  });
}

/**
 * Masks of the bits that hardware refuses, by level, for pointers and for leaves: low words and high words.
 * `snoopLegal`: the unit has snoop control, so SNP in a leaf is no reserved bit.
 */
export function secondStageReservedMasks(outputBits: number, levels: number, snoopLegal: boolean) {
  const high = outputBits >= 52 ? 0 : 0xfffff & ~(2 ** Math.max(0, outputBits - 32) - 1);
  const snoop = snoopLegal ? 0 : SECOND_STAGE_SNOOP;
  const pointerLow = Array.from({ length: levels }, (_, level) =>
    level > SECOND_STAGE_TOP_LEAF_LEVEL ? SECOND_STAGE_SNOOP | SECOND_STAGE_PAGE_SIZE : SECOND_STAGE_SNOOP,
  );
  const leafLow = [snoop, 0x1ff000 | snoop, 0x3ffff000 | snoop];
  return { high, pointerLow: Int32Array.from(pointerLow), leafLow: Int32Array.from(leafLow) };
}

function buildCodec(config: SecondStageConfig, geometry: Geometry): Codec {
  const attributes = leafAttributes(config);
  const pointerBits = SECOND_STAGE_READ | SECOND_STAGE_WRITE | (config.nonCoherent === true ? FLUSHED : 0);
  const reserved = secondStageReservedMasks(geometry.outputBits, geometry.levels, true);
  const kind = (first: number, level: number): number => {
    if ((first & (SECOND_STAGE_READ | SECOND_STAGE_WRITE)) === 0) return ENTRY_EMPTY;
    if (level === 0) return ENTRY_LEAF;
    const large = (first & SECOND_STAGE_PAGE_SIZE) !== 0 && level <= SECOND_STAGE_TOP_LEAF_LEVEL;
    return large ? ENTRY_LEAF : ENTRY_TABLE;
  };
  return {
    protectionError: (prot) =>
      config.forceWriteable === true && (prot & PROT_WRITE) === 0 ? -ERRNO.EINVAL : nothingAllowed(prot),
    leafFirst: (page, size, prot) =>
      (page << 12) | (attributes[prot] as number) | (size === 0 ? 0 : SECOND_STAGE_PAGE_SIZE),
    leafSecond: (page) => page * 2 ** -20,
    tableFirst: (page) => (page << 12) | pointerBits,
    tableSecond: (page) => page * 2 ** -20,
    kind: (first, _second, level) => kind(first, level),
    leafSize: (_first, _second, level) => level,
    target: (first, second) => (first >>> 12) + (second & 0xfffff) * 2 ** 20,
    permission: (first) => first & (PERMISSION_READ | PERMISSION_WRITE),
    reserved: (first, second, level) => {
      if ((second & reserved.high) !== 0) return true;
      const masks = kind(first, level) === ENTRY_LEAF ? reserved.leafLow : reserved.pointerLow;
      return (first & (masks[level] as number)) !== 0;
    },
  };
}

/** The format; `levels` decides the input width: 39, 48 or 57 bits. */
export const vtdSecondStage: PageTableFormat<SecondStageConfig> = {
  name: 'vtd-second-stage',
  occupied: 'EADDRINUSE',
  build(config) {
    const geometry = buildGeometry(config);
    return typeof geometry === 'string' ? geometry : { geometry, codec: buildCodec(config, geometry) };
  },
};
