/**
 * Imports point one way: each package may import what stands below it and nothing else. The table is the whole rule;
 * a package that is not in it has no place yet and may not import anything of ours.
 */
import { join, posix } from 'node:path';
import { at, importsOf, packageOf, parse } from './sources.mjs';

const SCOPE = '@iommu-lab/';
const MACHINE = ['core', 'explorer'];
const KERNEL = [...MACHINE, 'kernel'];

/** What the sources of a package may import, by the names of folders under packages/. */
const BELOW = {
  core: [],
  explorer: [],
  kernel: MACHINE,
  vfio: KERNEL,
  conformance: [...KERNEL, 'vfio'],
};

/** What tests of a design may import besides: the suite that holds it against recorded kernels. */
const TESTS_OF_A_DESIGN = ['vfio', 'conformance'];

const isDesign = (name) => name.startsWith('api-');

function mayImport(workspace, everything) {
  if (workspace.isApp || workspace.name === 'comparison') {
    return everything.filter((other) => !other.isApp && other !== workspace).map((other) => other.name);
  }
  return isDesign(workspace.name) ? KERNEL : (BELOW[workspace.name] ?? []);
}

/** Violations of the direction in sources, tests and manifests of all `workspaces`. */
export function importDirection(root, workspaces, files) {
  const found = [];
  for (const workspace of workspaces) {
    const inSources = mayImport(workspace, workspaces).map((name) => SCOPE + name);
    const inTests = isDesign(workspace.name)
      ? [...inSources, ...TESTS_OF_A_DESIGN.map((name) => SCOPE + name)]
      : inSources;
    found.push(...inManifest(workspace, inSources, inTests));
    for (const file of files.filter((path) => path.startsWith(`${workspace.folder}/`))) {
      const isSource = file.startsWith(`${workspace.folder}/src/`);
      found.push(...inFile(root, workspace, file, isSource ? inSources : inTests, isSource));
    }
  }
  return found;
}

function inManifest(workspace, inSources, inTests) {
  const found = [];
  const file = join(workspace.folder, 'package.json');
  for (const [kind, allowed] of [
    ['dependencies', inSources],
    ['peerDependencies', inSources],
    ['optionalDependencies', inSources],
    ['devDependencies', inTests],
  ]) {
    for (const name of Object.keys(workspace.manifest[kind] ?? {})) {
      if (!name.startsWith(SCOPE) || allowed.includes(name)) continue;
      found.push({ file, line: 1, message: `${workspace.name} may not have ${name} in ${kind}` });
    }
  }
  return found;
}

function inFile(root, workspace, file, allowed, isSource) {
  const source = parse(root, file);
  const found = [];
  for (const { specifier, node } of importsOf(source)) {
    const message = specifier.startsWith('.')
      ? leavesPackage(workspace, file, specifier, isSource ? [] : allowed)
      : wrongPackage(workspace, specifier, allowed, isSource);
    if (message !== null) found.push(at(source, node, message));
  }
  return found;
}

function leavesPackage(workspace, file, specifier, testsOf) {
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith(`${workspace.folder}/`)) return null;
  // A test may use what lies beside the tests of a package below: it is not published, so it has no name.
  const other = /^packages\/([^/]+)\/test\//.exec(target)?.[1];
  if (other !== undefined && testsOf.includes(SCOPE + other)) return null;
  // The shared configuration of build and tests lies in the root and is no code of any package.
  if (/^(tsup|vitest)\.base\.ts$/.test(target) && /\.config\.ts$/.test(file)) return null;
  return `${specifier} leaves ${workspace.folder}; import a package by its name`;
}

function wrongPackage(workspace, specifier, allowed, isSource) {
  const name = packageOf(specifier);
  if (name === null || !name.startsWith(SCOPE) || name === workspace.manifest.name) return null;
  if (!allowed.includes(name)) return `${workspace.name} may not import ${name}`;
  const { dependencies = {}, devDependencies = {} } = workspace.manifest;
  if (name in dependencies || (!isSource && name in devDependencies)) return null;
  return `${name} is not in ${isSource ? 'dependencies' : 'dependencies or devDependencies'} of ${workspace.name}`;
}
