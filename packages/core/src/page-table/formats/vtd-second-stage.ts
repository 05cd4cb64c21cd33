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
import { highWordOfPage, pageOfWords } from '../../address';
import { ERRNO, type Errno } from '../../errno';
import { WORDS_PER_PAGE_LOG2 } from '../../memory/journal';
import {
  type CodecLoops,
  type EntryCodec,
  type Geometry,
  type LeafSize,
  NEXT_EMPTY,
  NEXT_LEAF,
  NEXT_NOWHERE,
  nothingAllowed,
  type PageTableFormat,
  PERMISSION_READ,
  PERMISSION_WRITE,
  PROT_COMBINATIONS,
  PROT_READ,
  PROT_WRITE,
  placeOf,
  type TableArena,
} from '../format';
import { pagesAt } from '../nine-bit-levels';

const SECOND_STAGE_READ = 1 << 0;
const SECOND_STAGE_WRITE = 1 << 1;
export const SECOND_STAGE_PAGE_SIZE = 1 << 7;
const SECOND_STAGE_SNOOP = 1 << 11;
const PRESENT = SECOND_STAGE_READ | SECOND_STAGE_WRITE;
const FLUSHED = 1 << 10;
/** Highest level that can hold leaves (1 GiB). */
const SECOND_STAGE_TOP_LEAF_LEVEL = 2;

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

/** Whether a present entry is a leaf. */
function isLeaf(first: number, level: number): boolean {
  return level === 0 || (level <= SECOND_STAGE_TOP_LEAF_LEVEL && (first & SECOND_STAGE_PAGE_SIZE) !== 0);
}

function buildEntryCodec(config: SecondStageConfig, geometry: Geometry, attributes: Int32Array): EntryCodec {
  const pointerBits = PRESENT | (config.nonCoherent === true ? FLUSHED : 0);
  const reserved = secondStageReservedMasks(geometry.outputBits, geometry.levels, true);
  return {
    protectionError: (prot) =>
      config.forceWriteable === true && (prot & PROT_WRITE) === 0 ? -ERRNO.EINVAL : nothingAllowed(prot),
    leafFirst: (page, size, prot) =>
      (page << 12) | (attributes[prot] as number) | (size === 0 ? 0 : SECOND_STAGE_PAGE_SIZE),
    leafSecond: highWordOfPage,
    tableFirst: (page) => (page << 12) | pointerBits,
    tableSecond: highWordOfPage,
    next: (first, second, level) => {
      if ((first & PRESENT) === 0) return NEXT_EMPTY;
      if (isLeaf(first, level)) return NEXT_LEAF;
      return (second & 0xfff80) === 0 ? (first >>> 12) | (second << 20) : NEXT_NOWHERE;
    },
    leafSize: (_first, _second, level) => level,
    target: (first, second) => pageOfWords(first, second & 0xfffff),
    permission: (first) => first & (PERMISSION_READ | PERMISSION_WRITE),
    reserved: (first, second, level) => {
      if ((second & reserved.high) !== 0) return true;
      const masks = isLeaf(first, level) ? reserved.leafLow : reserved.pointerLow;
      return (first & (masks[level] as number)) !== 0;
    },
  };
}

function lookUp(arena: TableArena, base: number, level: number, page: number): number {
  const { words, arenaFirstPage, arenaPages } = arena;
  const low = page | 0;
  let table = base;
  for (let at = level; ; at--) {
    const unit = low === page && at < 4 ? low >>> (9 * at) : page / pagesAt(at);
    const word = table + (unit & 511) * 2;
    const first = words[word] as number;
    if ((first & PRESENT) === 0) return -1;
    const second = (words[word + 1] as number) & 0xfffff;
    if (isLeaf(first, at)) {
      const within = low & ((1 << (9 * at)) - 1);
      return second < 0x800
        ? ((first >>> 12) | (second << 20)) + within
        : pageOfWords(first, second) + within;
    }
    const slot = ((first >>> 12) | (second << 20)) - arenaFirstPage;
    if (second >= 0x80 || slot < 0 || slot >= arenaPages) return -1;
    table = slot << WORDS_PER_PAGE_LOG2;
  }
}

function descend(arena: TableArena, base: number, level: number, lastLevel: number, page: number): number {
  const { words, arenaFirstPage, arenaPages } = arena;
  const low = page | 0;
  let table = base;
  for (let at = level; ; at--) {
    const unit = low === page && at < 4 ? low >>> (9 * at) : page / pagesAt(at);
    const word = table + (unit & 511) * 2;
    const first = words[word] as number;
    if (at === lastLevel || (first & PRESENT) === 0 || isLeaf(first, at)) return placeOf(word, at);
    const second = (words[word + 1] as number) & 0xfffff;
    const slot = ((first >>> 12) | (second << 20)) - arenaFirstPage;
    if (second >= 0x80 || slot < 0 || slot >= arenaPages) return placeOf(word, at);
    table = slot << WORDS_PER_PAGE_LOG2;
  }
}

/** The engine's loops for this format: what `loopsOf` would derive, on small integers. */
function buildLoops(attributes: Int32Array): CodecLoops {
  return {
    lookUp,
    descend,
    fill(words, at, count, physicalPage, size, prot) {
      // The page number in two parts, so that the loop works on small integers only.
      let low = physicalPage & 0xfffff;
      let high = (physicalPage / 0x100000) | 0;
      const bits = (attributes[prot] as number) | (size === 0 ? 0 : SECOND_STAGE_PAGE_SIZE);
      const pages = 1 << (9 * size);
      const end = at + count * 2;
      for (let word = at; word < end; word += 2) {
        // R and W lie in the low word: an entry whose low word is zero maps nothing.
        if (words[word] !== 0) return (word - at) >> 1;
        words[word] = (low << 12) | bits;
        words[word + 1] = high;
        low += pages;
        if (low > 0xfffff) {
          low &= 0xfffff;
          high++;
        }
      }
      return count;
    },
    clear(words, at, count) {
      let end = at;
      const limit = at + count * 2;
      while (end < limit && ((words[end] as number) & PRESENT) !== 0) end += 2;
      if (count > 16) words.fill(0, at, end);
      else for (let word = at; word < end; word++) words[word] = 0;
      return (end - at) >> 1;
    },
  };
}

/** The format; `levels` decides the input width: 39, 48 or 57 bits. */
export const vtdSecondStage: PageTableFormat<SecondStageConfig> = {
  name: 'vtd-second-stage',
  occupied: 'EADDRINUSE',
  build(config) {
    const geometry = buildGeometry(config);
    if (typeof geometry === 'string') return geometry;
    const attributes = leafAttributes(config);
    return {
      geometry,
      codec: { ...buildEntryCodec(config, geometry, attributes), ...buildLoops(attributes) },
    };
  },
};
