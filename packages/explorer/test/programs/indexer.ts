/**
 * Threads enter four messages each into one hash table of 128 slots, by compare-and-swap with linear probing. Up to 11
 * threads no two messages meet in a slot; after that each thread more brings collisions. The program is the indexer of
 * "Dynamic partial-order reduction for model checking software" (POPL 2005); a compare-and-swap is one step here.
 */
import { type Program, program, StructureCell, type Thread } from '../../src/index';

const SLOTS = 128;
const MESSAGES = 4;

/** A slot of the table; 0 is empty. */
interface Slot {
  message: number;
}

export function indexer(count: number): Program {
  return program(`indexer(${count})`, (world) => {
    const table = Array.from(
      { length: SLOTS },
      (_, index) => new StructureCell<Slot>(world, `table[${index}]`, { message: 0 }),
    );
    const claim = (index: number, message: number) => {
      let before = 0;
      return (table[index] as StructureCell<Slot>).change({
        apply: (slot) => {
          before = slot.message;
          if (before === 0) slot.message = message;
          return before === 0;
        },
        undo: (slot) => {
          slot.message = before;
        },
      });
    };
    const threads = Array.from({ length: count }, (_, number): Thread => {
      return {
        name: `t${number}`,
        *body() {
          for (let sent = 1; sent <= MESSAGES; sent++) {
            const message = sent * 11 + number;
            let slot = (message * 7) % SLOTS;
            while (!(yield* claim(slot, message))) slot = (slot + 1) % SLOTS;
          }
        },
      };
    });
    return { threads };
  });
}
