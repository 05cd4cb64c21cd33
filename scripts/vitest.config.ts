import { defineConfig } from 'vitest/config';

// The tests run whole programs (tsc, biome, node); under a busy CI one takes longer than 5 s.
export default defineConfig({
  test: {
    name: 'scripts',
    include: ['test/**/*.test.mjs'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
