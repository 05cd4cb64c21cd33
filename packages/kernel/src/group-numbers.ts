/** Numbers of groups: the lowest free one, or the one that the profile recorded for a label. `@kernel iommu_group_ida` */
import { type Step, StructureCell, type World } from '@iommu-lab/explorer';

export class GroupNumbers {
  readonly #used: StructureCell<Set<number>>;

  /** @param recorded group number by label; these numbers are kept free for their labels */
  constructor(
    world: World,
    private readonly recorded: Readonly<Record<string, number>>,
  ) {
    this.#used = new StructureCell(world, 'iommu_group_ida', new Set<number>());
  }

  /** `@kernel ida_alloc` */
  allocate(label: string): Step<number> {
    let number = -1;
    return this.#used.change({
      apply: (used) => {
        number = this.#numberFor(label, used);
        used.add(number);
        return number;
      },
      undo: (used) => used.delete(number),
    });
  }

  /** `@kernel ida_free` */
  release(number: number): Step<boolean> {
    return this.#used.change({ apply: (used) => used.delete(number), undo: (used) => used.add(number) });
  }

  #numberFor(label: string, used: ReadonlySet<number>): number {
    const wanted = this.recorded[label];
    if (wanted !== undefined && !used.has(wanted)) return wanted;
    const kept = new Set(Object.values(this.recorded));
    let number = 0;
    while (kept.has(number) || used.has(number)) number++;
    return number;
  }
}
