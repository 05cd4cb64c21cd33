/**
 * The context cache: context entries as they were read, by requester id, stale until they are invalidated.
 *
 * With caching mode, hardware may also keep that an entry was absent or wrong; such entries are tagged with domain
 * id 0, which software must not use then.
 */
import type { Journal } from '../memory/journal';
import { highPart, numberOfWords } from '../page-table/nine-bit-levels';
import { CacheTable, VALUE } from './cache-table';

const LIMIT = 256;
const TAGS = VALUE;
const PAGE_LOW = VALUE + 1;
const PAGE_HIGH = VALUE + 2;
const FAULT_DISABLE = 1 << 24;

export class ContextCache {
  readonly #table: CacheTable;
  /** What `find` found, or what the reader of context entries read. */
  domainId = 0;
  addressWidth = 0;
  translationType = 0;
  faultDisable = false;
  tablePage = 0;
  /** Reason with which a cached failure is refused; 0 for a usable entry. */
  reason = 0;

  constructor(journal: Journal) {
    this.#table = new CacheTable(journal, LIMIT);
  }

  /** Looks for the entry of a requester; the result is in the fields. */
  find(requesterId: number): boolean {
    const at = this.#table.find(requesterId, 0, 0);
    if (at < 0) return false;
    const { words } = this.#table;
    const tags = words[at + TAGS] as number;
    this.domainId = tags & 0xffff;
    this.addressWidth = (tags >>> 16) & 7;
    this.translationType = (tags >>> 20) & 3;
    this.faultDisable = (tags & FAULT_DISABLE) !== 0;
    this.tablePage = numberOfWords(words[at + PAGE_LOW] as number, words[at + PAGE_HIGH] as number);
    this.reason = words[at + VALUE + 3] as number;
    return true;
  }

  /** Keeps what is in the fields as the entry of a requester. */
  keep(requesterId: number): void {
    const at = this.#table.insert(requesterId, 0, 0);
    const { words } = this.#table;
    words[at + TAGS] =
      this.domainId |
      (this.addressWidth << 16) |
      (this.translationType << 20) |
      (this.faultDisable ? FAULT_DISABLE : 0);
    words[at + PAGE_LOW] = this.tablePage;
    words[at + PAGE_HIGH] = highPart(this.tablePage);
    words[at + VALUE + 3] = this.reason;
  }

  has(requesterId: number): boolean {
    return this.#table.find(requesterId, 0, 0) >= 0;
  }

  clear(): void {
    this.#table.clear();
  }

  dropDomain(domainId: number): void {
    this.#drop((at) => ((this.#table.words[at + TAGS] as number) & 0xffff) === domainId);
  }

  /** Drops the entries whose requester id equals `requesterId` outside of `ignoredBits`; of any domain if null. */
  dropRequester(requesterId: number, ignoredBits: number, domainId: number | null): void {
    this.#drop((at) => {
      const { words } = this.#table;
      const sameDomain = domainId === null || ((words[at + TAGS] as number) & 0xffff) === domainId;
      return sameDomain && (((words[at + 1] as number) ^ requesterId) & ~ignoredBits) === 0;
    });
  }

  /** A hash of the entries. */
  hash(): number {
    return this.#table.hashEntries(12, 4);
  }

  /** The entries as text, sorted: for comparing states and for people. */
  describe(): string[] {
    const table = this.#table;
    return table.describe((at) => `context ${table.hexWords(at + 1, 1)}:${table.hexWords(at + VALUE, 4)}`);
  }

  #drop(matches: (at: number) => boolean): void {
    const table = this.#table;
    for (let at = table.first(); at >= 0; ) at = matches(at) ? table.removeAt(at) : table.next(at);
  }
}
