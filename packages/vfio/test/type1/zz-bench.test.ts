import { it } from 'vitest';
import { Container, MEMORY, MIB, words } from './container';
import { VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA } from '../../src/type1/uapi';
it('bench', () => {
  for (const live of [10, 60000]) {
    const c = new Container();
    c.memory(MEMORY, 256n * MIB);
    for (let i = 0; i < live; i++) c.map(BigInt(0x10000000 + i * 8192), MEMORY + BigInt((i%60000) * 4096), 4096n);
    const m = words([32, 3], [MEMORY + 255n*MIB, 0x10000000n + 4096n + BigInt(Math.floor(live/2)*8192), 4096n]);
    const n = 200000;
    const go = (k: number) => { for (let i = 0; i < k; i++) {
      c.kernel.call('ioctl', () => c.backend.ioctl(c.task, VFIO_IOMMU_MAP_DMA, m), c.task);
      const u = words([24, 0], [0x10000000n + 4096n + BigInt(Math.floor(live/2)*8192), 4096n]);
      c.kernel.call('ioctl', () => c.backend.ioctl(c.task, VFIO_IOMMU_UNMAP_DMA, u), c.task);
    } };
    go(20000);
    globalThis.gc?.();
    const h0 = process.memoryUsage().heapUsed;
    const t = performance.now(); go(n); const dt = performance.now() - t;
    globalThis.gc?.();
    console.log(live, c.counts, Math.round(n / dt * 1000), 'pairs/s', ((process.memoryUsage().heapUsed - h0)/1e6).toFixed(1), 'MB');
  }
}, 200000);
