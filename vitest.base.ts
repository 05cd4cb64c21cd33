import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Our own packages are taken from their sources, so tests need no build and never see a stale one.
const conditions = ['@iommu-lab/source', 'node', 'import', 'default'];

// No test measures time: these only end one that hangs, on a machine that may be busy with other things.
const HANGS_MS = 120_000;

/** The vitest configuration of one package; `name` is its folder. */
export function project(name: string): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include: ['test/**/*.test.ts'],
      // No module keeps state, so files may share one module graph: half the time.
      isolate: false,
      testTimeout: HANGS_MS,
      hookTimeout: HANGS_MS,
      teardownTimeout: HANGS_MS,
    },
  });
}
