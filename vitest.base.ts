import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Our own packages are taken from their sources, so tests need no build and never see a stale one.
const conditions = ['@iommu-lab/source', 'node', 'import', 'default'];

/** The vitest configuration of one package; `name` is its folder. */
export function project(name: string): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    // Nothing is timed: the limit only ends what hangs, on a slow machine too.
    test: { name, include: ['test/**/*.test.ts'], testTimeout: 120_000 },
  });
}
