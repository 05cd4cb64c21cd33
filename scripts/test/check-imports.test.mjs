import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkImports } from '../check-imports.mjs';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-imports-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(file, text) {
  mkdirSync(join(root, dirname(file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function addPackage(folder, name, dependencies = [], devDependencies = []) {
  const versions = (names) =>
    Object.fromEntries(names.map((other) => [`@iommu-lab/${other}`, 'workspace:^']));
  const manifest = {
    name,
    dependencies: versions(dependencies),
    devDependencies: versions(devDependencies),
  };
  write(`${folder}/package.json`, JSON.stringify(manifest));
}

/** A small repository that keeps every rule. */
function addPackages() {
  addPackage('packages/core', '@iommu-lab/core');
  addPackage('packages/explorer', '@iommu-lab/explorer');
  addPackage('packages/kernel', '@iommu-lab/kernel', ['core', 'explorer']);
  addPackage('packages/vfio', '@iommu-lab/vfio', ['core', 'explorer', 'kernel']);
  addPackage('packages/conformance', '@iommu-lab/conformance', ['kernel', 'vfio']);
  addPackage('packages/api-group', '@iommu-lab/api-group', ['kernel'], ['conformance']);
  addPackage('packages/comparison', '@iommu-lab/comparison', ['kernel', 'api-group', 'conformance']);
  addPackage('apps/cli', 'iommu-lab', ['comparison', 'core']);
}

const lines = () => checkImports(root).map(({ file, line, message }) => `${file}:${line}: ${message}`);

describe('import direction', () => {
  beforeEach(addPackages);

  it('accepts imports that point down', () => {
    write('packages/kernel/src/index.ts', "import { a } from '@iommu-lab/core';\nexport * from './b';\n");
    write('packages/comparison/src/index.ts', "export { x } from '@iommu-lab/api-group';\n");
    write('packages/api-group/test/a.test.ts', "import '@iommu-lab/conformance/vitest';\n");
    write('apps/cli/src/main.ts', "import '@iommu-lab/core/pages';\nimport 'node:fs';\n");
    expect(lines()).toEqual([]);
  });

  it.each([
    ['import', "\nimport { a } from '@iommu-lab/kernel';\n", 2],
    ['import type', "import type { A } from '@iommu-lab/kernel/testing';\n", 1],
    ['export from', "export * from '@iommu-lab/kernel';\n", 1],
    ['import()', "export const a = () => import('@iommu-lab/kernel');\n", 1],
    ['an import type', "export type A = import('@iommu-lab/kernel').A;\n", 1],
  ])('rejects %s of the kernel in core', (_, text, line) => {
    write('packages/core/src/a.ts', text);
    expect(lines()).toEqual([`packages/core/src/a.ts:${line}: core may not import @iommu-lab/kernel`]);
  });

  it('holds tests to the same direction', () => {
    write('packages/vfio/test/a.test.ts', "import '@iommu-lab/api-group';\n");
    expect(lines()).toEqual(['packages/vfio/test/a.test.ts:1: vfio may not import @iommu-lab/api-group']);
  });

  it('keeps the suite out of the sources of a design', () => {
    write('packages/api-group/src/a.ts', "import '@iommu-lab/conformance';\n");
    expect(lines()).toEqual([
      'packages/api-group/src/a.ts:1: api-group may not import @iommu-lab/conformance',
    ]);
  });

  it('rejects a relative path into another package', () => {
    write('packages/kernel/src/a.ts', "import '../../core/src/index';\n");
    expect(lines()).toEqual([
      'packages/kernel/src/a.ts:1: ../../core/src/index leaves packages/kernel; import a package by its name',
    ]);
  });

  it('lets a test use what lies beside the tests of a package below it, and nothing else of it', () => {
    write('packages/kernel/test/a.test.ts', "import '../../core/test/rig';\n");
    write('packages/core/test/a.test.ts', "import '../../kernel/test/call';\n");
    write('packages/kernel/test/b.test.ts', "import '../../core/src/index';\n");
    expect(lines()).toEqual([
      'packages/core/test/a.test.ts:1: ../../kernel/test/call leaves packages/core; import a package by its name',
      'packages/kernel/test/b.test.ts:1: ../../core/src/index leaves packages/kernel; import a package by its name',
    ]);
  });

  it('rejects an import that the manifest does not list', () => {
    write('packages/conformance/src/a.ts', "import '@iommu-lab/core';\n");
    expect(lines()).toEqual([
      'packages/conformance/src/a.ts:1: @iommu-lab/core is not in dependencies of conformance',
    ]);
  });

  it('rejects a design as a dependency of anything but comparison and the apps', () => {
    addPackage('packages/vfio', '@iommu-lab/vfio', ['kernel'], ['api-group']);
    expect(lines()).toEqual([
      'packages/vfio/package.json:1: vfio may not have @iommu-lab/api-group in devDependencies',
    ]);
  });

  it('gives a package that nobody placed no imports', () => {
    addPackage('packages/extra', '@iommu-lab/extra', ['core']);
    expect(lines()).toEqual([
      'packages/extra/package.json:1: extra may not have @iommu-lab/core in dependencies',
    ]);
  });
});

describe('browser rule', () => {
  it.each([
    ["import { readFileSync } from 'node:fs';", 'node:fs does not exist in a browser'],
    ["import { join } from 'path';", 'path does not exist in a browser'],
    ['export const a = Buffer.alloc(1);', 'Buffer does not exist in a browser'],
    ['export type A = Buffer;', 'Buffer does not exist in a browser'],
    ['export const a = { process };', 'process does not exist in a browser'],
    ['export const a = globalThis.process;', 'process does not exist in a browser'],
    ['export const a = __dirname;', '__dirname does not exist in a browser'],
    ["export const a = require('x');", 'require does not exist in a browser'],
    ['export const a = Math.random();', 'Math.random gives no run that can be repeated'],
    ['export const a = Date.now();', 'Date depends on the clock; a run could not be repeated'],
  ])('rejects %s', (text, message) => {
    write('packages/core/src/a.ts', `// a comment\n${text}\n`);
    expect(lines()).toEqual([`packages/core/src/a.ts:2: ${message}`]);
  });

  it('accepts names that only look like globals, and files made for Node', () => {
    write(
      'packages/core/src/a.ts',
      'export const f = (process: number, x: { module: number }) => process + x.module;\n',
    );
    write('packages/conformance/src/vitest.ts', "import 'node:fs';\n");
    write('packages/explorer/src/workers/pool.ts', 'export const a = process;\n');
    write('packages/core/test/a.test.ts', "import 'node:fs';\nexport const a = Buffer.alloc(1);\n");
    expect(lines()).toEqual([]);
  });
});

describe('other rules', () => {
  it('rejects a module-level let in core and allows one in a function', () => {
    write(
      'packages/core/src/a.ts',
      'const a = 1;\nlet next = 0;\nexport const f = () => {\n  let b = a;\n  return b + next;\n};\n',
    );
    expect(lines()).toEqual([
      'packages/core/src/a.ts:2: module-level let: state belongs to a machine, a kernel or a search',
    ]);
  });

  it('limits files to 400 lines and variants to 149', () => {
    write('packages/core/src/a.ts', '\n'.repeat(400));
    write('packages/core/src/b.ts', '\n'.repeat(401));
    write('packages/api-group/src/variants/attach.ts', '\n'.repeat(150));
    write('packages/api-group/src/variants/replace.ts', '\n'.repeat(149));
    expect(lines()).toEqual([
      'packages/api-group/src/variants/attach.ts:150: 150 lines, at most 149 here',
      'packages/core/src/b.ts:401: 401 lines, at most 400 here',
    ]);
  });

  it('rejects paths outside the repository in any text file', () => {
    const place = ['', 'work', 'main'].join('/');
    write('docs/a.md', `fine\nsee ${place}\n`);
    expect(lines()).toEqual([`docs/a.md:2: names ${place.slice(0, 6)}, which is outside the repository`]);
  });
});
