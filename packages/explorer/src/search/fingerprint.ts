/**
 * A number for what has happened so far, the same for every order of it that means the same (the same Mazurkiewicz
 * trace): such orders lead to one state. What searches by states keep instead of the states.
 */
import { AccessKind, type AccessList } from '../operation';
import { kindsDepend } from './dependency';
import { IntColumn } from './growing';
import type { Trail } from './trail';

function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  return Math.imul(mixed, 0xc2b2ae35) ^ (mixed >>> 16);
}

export class Fingerprint {
  /** Two hashes of each event with everything that happens before it. */
  readonly #high = new IntColumn();
  readonly #low = new IntColumn();
  /** Their sums over the events before a depth: the order of independent events does not matter to a sum. */
  readonly #sumHigh = new IntColumn();
  readonly #sumLow = new IntColumn();

  constructor(private readonly trail: Trail) {}

  /** Takes in the event that `fiber` makes at the end of the trail, before it is pushed. */
  enter(fiber: number, performed: AccessList): void {
    const { trail } = this;
    const { depth } = trail;
    const last = trail.lastEventOf(fiber, depth);
    let high = mix(0x2545f491, fiber);
    let low = mix(0x9e3779b9, fiber);
    if (last >= 0) {
      high = mix(high, this.#high.get(last));
      low = mix(low, this.#low.get(last));
    }
    for (let access = 0; access < performed.length; access++) {
      const location = performed.location(access);
      const kind = performed.kind(access);
      high = mix(high, location * 16 + kind);
      low = mix(low, location * 16 + kind);
      let highBefore = 0;
      let lowBefore = 0;
      const { entries } = trail.history(location);
      for (let at = entries.length - 1; at >= 0; at--) {
        const entry = entries[at] as number;
        const other = entry & 15;
        if (kindsDepend(other, kind)) {
          highBefore = (highBefore + this.#high.get(entry >> 4)) | 0;
          lowBefore = (lowBefore + this.#low.get(entry >> 4)) | 0;
        }
        if (other === AccessKind.WRITE || other === AccessKind.LOCK) break;
      }
      high = mix(high, highBefore);
      low = mix(low, lowBefore);
    }
    this.#high.set(depth, high);
    this.#low.set(depth, low);
    this.#sumHigh.set(depth + 1, (this.#sumHigh.get(depth) + high) | 0);
    this.#sumLow.set(depth + 1, (this.#sumLow.get(depth) + low) | 0);
  }

  /**
   * Of the events before `depth`, and of `salt`, which tells keys about one state apart. 53 bits: among a million keys,
   * two collide with a chance of 1 in 18,000.
   */
  at(depth: number, salt = 0): number {
    const low = mix(this.#sumLow.get(depth), salt);
    return (this.#sumHigh.get(depth) >>> 0) * 2 ** 21 + (low >>> 11);
  }
}
