/**
 * QEMU as an independent walker of VT-d tables: hand it memory, a root table and accesses, and get its answers.
 */
import { spawnSync } from 'node:child_process';
import type { QemuOptions } from './qemu-machine';
import { type MemoryImage, type QemuAccess, type QemuAnswer, QemuWalker } from './walker';

export type { QemuOptions } from './qemu-machine';
export type { MemoryImage, QemuAccess, QemuAnswer, QemuStep } from './walker';
export { QemuWalker } from './walker';

/** Why tests with QEMU cannot run here, or null. With IOMMU_LAB_REQUIRE_TOOLS=1 the lack of it is an Error. */
export function qemuMissing(): string | null {
  const found = spawnSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' });
  if (found.status === 0) return null;
  const why =
    'qemu-system-x86_64 is not installed (Debian: apt-get install --no-install-recommends qemu-system-x86)';
  if (process.env.IOMMU_LAB_REQUIRE_TOOLS === '1') throw new Error(why);
  return why;
}

/**
 * Walks tables in QEMU's VT-d unit (legacy mode): loads `image`, sets `rootTable` (its physical address), and makes each
 * access after emptying all caches. One answer for each access, in order. Pages of the image must lie below 255 MiB.
 */
export async function walkInQemu(
  image: MemoryImage,
  rootTable: bigint,
  accesses: readonly QemuAccess[],
  options: QemuOptions,
): Promise<QemuAnswer[]> {
  const walker = await QemuWalker.start(options, [...new Set(accesses.map((access) => access.device))]);
  try {
    const steps = accesses.map((access) => ({ do: 'access' as const, ...access }));
    return await walker.run(image, rootTable, steps, true);
  } finally {
    await walker.close();
  }
}
