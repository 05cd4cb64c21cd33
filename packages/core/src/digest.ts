/**
 * A digest of a machine's state: equal where all that later behaviour can depend on has changed alike since the oldest
 * checkpoint that is kept.
 *
 * Memory, bitmaps of allocators, registers and device buffers are compared page by page where they changed; caches as
 * sets of entries, since where a slot lies in its table makes no difference; small objects by their state. Left out:
 * hints (where a search for a free slot starts), counters of work done, and what is left of executed descriptors in the
 * invalidation queue.
 */
import { hashWords, mix, mixNumber } from './memory/hash';
import { type Journal, WORDS_PER_PAGE } from './memory/journal';
import type { PhysicalMemory } from './memory/physical-memory';
import type { TrackedWords } from './memory/tracked-words';
import type { VtdUnit } from './vtd/unit';

/** A 32-bit hash. Costs what has changed. Without a checkpoint only caches and counts of allocations are looked at. */
export function digestOf(memory: PhysicalMemory, unit: VtdUnit | null): number {
  const ignored = unit === null ? -1 : unit.queuePage - memory.arenaFirstPage;
  const changed = digestOfChanges(
    memory.journal,
    (owner, page) => owner === memory.arena && page === ignored,
  );
  return changed ^ memory.hashAllocations() ^ (unit === null ? 0 : unit.hashState());
}

function digestOfChanges(
  journal: Journal,
  isIgnored: (owner: TrackedWords, page: number) => boolean,
): number {
  let hash = 0;
  for (const { owner, page, copy } of journal.changedPages()) {
    const words = owner as TrackedWords;
    if (words.digestKey < 0 || isIgnored(words, page)) continue;
    const seed = mixNumber(mixNumber(1, words.digestKey), page);
    const start = page * WORDS_PER_PAGE;
    const end = Math.min(start + WORDS_PER_PAGE, words.words.length);
    hash ^= hashWords(seed, words.words, start, end) ^ hashWords(seed, copy, 0, end - start);
  }
  for (const { owner, state } of journal.changedObjects()) {
    hash ^= mix(2, owner.hashState(owner.saveState())) ^ mix(2, owner.hashState(state));
  }
  return hash;
}
