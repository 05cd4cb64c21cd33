import { defineConfig } from 'tsup';

/**
 * The build of one package: ES modules and declarations, one output for each entry. Declarations are made from those
 * that the packages below have already built, as a user sees them; from their sources it takes more than twice the time.
 */
export function build(...entry: string[]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm'],
    dts: { compilerOptions: { customConditions: [] } },
    clean: true,
    sourcemap: true,
    target: 'node20',
  });
}
