import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkDeclarations } from '../check-declarations.mjs';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-declarations-'));
  mkdirSync(join(root, 'packages/kernel/dist'), { recursive: true });
  const manifest = {
    name: '@iommu-lab/kernel',
    types: './dist/index.d.ts',
    dependencies: { '@iommu-lab/core': '^0.1.0' },
    devDependencies: { 'fast-check': '4.10.2' },
    peerDependencies: { vitest: '*' },
  };
  writeFileSync(join(root, 'packages/kernel/package.json'), JSON.stringify(manifest));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const lines = () => checkDeclarations(root).map(({ file, line, message }) => `${file}:${line}: ${message}`);

it('accepts dependencies, peers, the package itself and relative files', () => {
  writeFileSync(
    join(root, 'packages/kernel/dist/index.d.ts'),
    "import { A } from '@iommu-lab/core/pages';\nexport * from './a.js';\nexport type T = import('vitest').Test;\nexport type U = import('@iommu-lab/kernel/testing').U;\n",
  );
  expect(lines()).toEqual([]);
});

it('reports imports and type references that no installation brings along', () => {
  writeFileSync(
    join(root, 'packages/kernel/dist/index.d.ts'),
    '/// <reference types="node" />\nimport { B } from \'fast-check\';\nexport type T = import("@iommu-lab/vfio").T;\n',
  );
  expect(lines()).toEqual([
    'packages/kernel/dist/index.d.ts:2: fast-check is not in dependencies of @iommu-lab/kernel',
    'packages/kernel/dist/index.d.ts:3: @iommu-lab/vfio is not in dependencies of @iommu-lab/kernel',
    'packages/kernel/dist/index.d.ts:1: types of node are not in dependencies of @iommu-lab/kernel',
  ]);
});

it('reports declarations that were never built', () => {
  expect(lines()).toEqual(['packages/kernel/dist/index.d.ts:1: is missing; build first']);
});
