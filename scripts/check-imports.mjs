/**
 * The rules of the house that can be read from sources alone: import direction, browser rule, module state, length of
 * files, paths outside the repository. One line for each violation; exit status 1 if there is one.
 */
import { resolve } from 'node:path';
import { browserRule } from './rules/browser.mjs';
import { foreignPaths } from './rules/foreign-paths.mjs';
import { importDirection } from './rules/import-direction.mjs';
import { fileLength } from './rules/length.mjs';
import { moduleState } from './rules/module-state.mjs';
import { filesBelow, isMain, isModule, report, workspaces } from './rules/sources.mjs';

/** All violations in the repository at `root`. */
export function checkImports(root, files = filesBelow(root)) {
  const modules = files.filter(isModule);
  return [
    ...importDirection(root, workspaces(root), modules),
    ...browserRule(root, modules),
    ...moduleState(root, modules),
    ...fileLength(root, modules),
    ...foreignPaths(root, files),
  ];
}

if (isMain(import.meta)) {
  const root = resolve(process.argv[2] ?? '.');
  const files = filesBelow(root);
  report('check-imports', checkImports(root, files), files.length);
}
