/** Numbers of groups: the lowest free one, or the one that the profile recorded for a label. */
import { Cell, type World } from '@iommu-lab/explorer';

export class GroupNumbers {
  readonly #used: Cell<readonly number[]>;

  /** @param recorded group number by label; these numbers are kept free for their labels */
  constructor(
    world: World,
    private readonly recorded: Readonly<Record<string, number>>,
  ) {
    this.#used = new Cell<readonly number[]>(world, 'iommu_group_ida', []);
  }

  allocate(label: string): number {
    const used = this.#used.value;
    const wanted = this.recorded[label];
    const number = wanted !== undefined && !used.includes(wanted) ? wanted : this.#lowestFree(used);
    this.#used.set([...used, number]);
    return number;
  }

  release(number: number): void {
    this.#used.set(this.#used.value.filter((used) => used !== number));
  }

  #lowestFree(used: readonly number[]): number {
    const taken = new Set([...Object.values(this.recorded), ...used]);
    let number = 0;
    while (taken.has(number)) number++;
    return number;
  }
}
