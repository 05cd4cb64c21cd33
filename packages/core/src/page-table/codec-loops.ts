/**
 * The loops of the engine for any format, made from its single entries. A format whose speed matters writes its own.
 */
import { pageWithin, powerOfTwo } from '../address';
import { WORDS_PER_PAGE_LOG2 } from '../memory/journal';
import {
  type CodecLoops,
  type EntryCodec,
  type Geometry,
  type LeafSize,
  NEXT_EMPTY,
  NEXT_LEAF,
  placeLevel,
  placeOf,
  placeWord,
} from './format';

function isZero(words: Int32Array, from: number, count: number): boolean {
  for (let word = from; word < from + count; word++) if (words[word] !== 0) return false;
  return true;
}

export function loopsOf(codec: EntryCodec, geometry: Geometry): CodecLoops {
  const { entryWords, leafSizes, indexBits, granulePages } = geometry;
  let shift = Math.log2(granulePages);
  const units = indexBits.map((bits) => {
    shift += bits;
    return powerOfTwo(shift - bits);
  });
  const nextAt = (words: Int32Array, at: number, level: number): number =>
    codec.next(words[at] as number, entryWords === 2 ? (words[at + 1] as number) : 0, level);
  return {
    lookUp(arena, base, level, page) {
      const { words } = arena;
      const place = this.descend(arena, base, level, 0, page);
      const at = placeWord(place);
      if (nextAt(words, at, placeLevel(place)) !== NEXT_LEAF) return -1;
      const second = entryWords === 2 ? (words[at + 1] as number) : 0;
      const { pages } = leafSizes[codec.leafSize(words[at] as number, second, placeLevel(place))] as LeafSize;
      return codec.target(words[at] as number, second, placeLevel(place)) + (page % pages);
    },
    descend(arena, base, level, lastLevel, page) {
      const { words } = arena;
      let table = base;
      for (let at = level; ; at--) {
        const unit = Math.floor(page / (units[at] as number));
        const word = table + pageWithin(unit, powerOfTwo(indexBits[at] as number)) * entryWords;
        if (at === lastLevel) return placeOf(word, at);
        const slot = nextAt(words, word, at) - arena.arenaFirstPage;
        if (slot < 0 || slot >= arena.arenaPages) return placeOf(word, at);
        table = slot << WORDS_PER_PAGE_LOG2;
      }
    },
    fill(words, at, count, physicalPage, size, prot) {
      const leaf = leafSizes[size];
      if (leaf === undefined) return 0;
      let word = at;
      for (let n = 0; n < count; n++) {
        if (!isZero(words, word, leaf.entries * entryWords)) return n;
        const page = physicalPage + n * leaf.pages;
        for (let entry = 0; entry < leaf.entries; entry++) {
          words[word] = codec.leafFirst(page, size, prot);
          if (entryWords === 2) words[word + 1] = codec.leafSecond(page, size, prot);
          word += entryWords;
        }
      }
      return count;
    },
    clear(words, at, count) {
      for (let n = 0; n < count; n++) {
        const word = at + n * entryWords;
        if (nextAt(words, word, 0) === NEXT_EMPTY) return n;
        words.fill(0, word, word + entryWords);
      }
      return count;
    },
  };
}
