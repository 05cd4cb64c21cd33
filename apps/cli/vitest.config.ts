import { mergeConfig } from 'vitest/config';
import { project } from '../../vitest.base.ts';

// One test replaces a module: files must not share their module graph here.
export default mergeConfig(project('cli'), { test: { isolate: true } });
