/** MAP+UNMAP of one 4 KiB page through type1's ioctls, with few and with many mappings alive, and what stays behind. */
import { referenceVariant } from '@iommu-lab/kernel';
import { calls, isReturned, System, type SystemProfile, type Task, type1 } from '../src/index';

const VADDR = 0x100000000000n;
const BASE_PAGE = 0x100000;

/** One root port with one edu function: nothing that the bench does not need. */
const PROFILE: SystemProfile = {
  era: '6.12',
  machine: {
    ram: [{ start: '0x100000', lengthBytes: '0x3ff00000' }],
    unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00f4a' },
    functions: [{ address: '0000:00:03.0', kind: 'endpoint', model: 'edu', name: 'dev' }],
  },
  groups: { dev: 0 },
  defaultDomain: 'dma',
  interruptRemapping: true,
  modules: [],
  moduleParameters: {
    'vfio_iommu_type1.dma_entry_limit': 1_000_000,
    'vfio_iommu_type1.allow_unsafe_interrupts': 'N',
  },
  release: 'bench',
  releaseProfile: 'bench',
  boundAtBoot: { dev: 'vfio-pci' },
};

/** A container in use, driven by reused structures: what a program does in a loop. */
export class Type1Bench {
  readonly #system = new System(PROFILE, referenceVariant);
  readonly #task: Task = this.#system.newTask();
  readonly #container: number;
  readonly #map = new Uint8Array(32);
  readonly #unmap = new Uint8Array(24);
  readonly #mapView = new DataView(this.#map.buffer);
  readonly #unmapView = new DataView(this.#unmap.buffer);

  constructor() {
    this.#container = this.#must(this.#system.open(this.#task, '/dev/vfio/vfio'));
    const group = this.#must(this.#system.open(this.#task, '/dev/vfio/0'));
    this.#perform(calls.setContainer(group, this.#container));
    this.#perform(calls.setIommu(this.#container, 3));
    this.#perform(calls.mapMemory(VADDR, 4096n, 'rw', false));
    this.#mapView.setUint32(0, 32, true);
    this.#mapView.setUint32(4, 3, true);
    this.#mapView.setBigUint64(8, VADDR, true);
    this.#mapView.setBigUint64(24, 4096n, true);
    this.#unmapView.setUint32(0, 24, true);
  }

  /** Maps pages at every second page, so that no two are neighbours. */
  mapMany(count: number): void {
    for (let index = 0; index < count; index++) this.mapPage(BASE_PAGE + index * 2);
  }

  /** `count` pairs at changing addresses between the mappings that stay. */
  pairs(count: number, spread: number): void {
    for (let index = 0; index < count; index++) {
      const page = BASE_PAGE + ((index * 7919) % spread) * 2 + 1;
      this.mapPage(page);
      this.unmapPage(page);
    }
  }

  mapPage(page: number): void {
    this.#mapView.setBigUint64(16, BigInt(page) << 12n, true);
    this.#must(this.#system.ioctl(this.#task, this.#container, type1.VFIO_IOMMU_MAP_DMA, this.#map));
  }

  unmapPage(page: number): void {
    this.#unmapView.setBigUint64(8, BigInt(page) << 12n, true);
    this.#unmapView.setBigUint64(16, 4096n, true);
    this.#must(this.#system.ioctl(this.#task, this.#container, type1.VFIO_IOMMU_UNMAP_DMA, this.#unmap));
  }

  #perform(call: Parameters<System['perform']>[1]): void {
    this.#must(this.#system.perform(this.#task, call).answer);
  }

  #must(answer: ReturnType<System['open']>): number {
    if (isReturned(answer) && answer.errno === null) return answer.ret;
    throw new Error(`a step of the bench failed: ${JSON.stringify(answer)}`);
  }
}

/** Pairs a second, median of `rounds`. */
export function rate(bench: Type1Bench, pairs: number, spread: number, rounds: number): number {
  const rates = Array.from({ length: rounds }, () => {
    const start = performance.now();
    bench.pairs(pairs, spread);
    return pairs / ((performance.now() - start) / 1000);
  });
  return rates.sort((a, b) => a - b)[rounds >> 1] as number;
}
