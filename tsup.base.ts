import { defineConfig } from 'tsup';

/** The build of one package: ES modules and declarations, one output for each entry. */
export function build(...entry: string[]): ReturnType<typeof defineConfig> {
  return defineConfig({ entry, format: ['esm'], dts: true, clean: true, sourcemap: true, target: 'node20' });
}
