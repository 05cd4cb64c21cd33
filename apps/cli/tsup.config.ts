import { defineConfig } from 'tsup';

// A command and nothing to import: no declarations.
export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
});
