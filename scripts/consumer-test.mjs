/**
 * What a stranger gets: packs every package that is published, installs the tarballs with plain npm in an empty folder
 * outside the workspace and uses them there. Runs each examples/<name>/main.mjs, the command, a CommonJS consumer and
 * two type-checked ones. Needs a build. `--keep` leaves the folder for inspection.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { isMain, workspaces } from './rules/sources.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const MOST_MINUTES = 5;

/** Thrown with the one line that says what failed. */
class ConsumerFailure extends Error {}

/** Runs a program and returns its standard output; throws ConsumerFailure with the last words it printed. */
function run(what, command, parameters, cwd) {
  const result = spawnSync(command, parameters, {
    cwd,
    encoding: 'utf8',
    timeout: MOST_MINUTES * 60_000,
    maxBuffer: 1 << 28,
    env: consumerEnvironment(),
  });
  if (result.status === 0) return result.stdout;
  const reason = result.error?.message ?? `exit status ${result.status ?? result.signal}`;
  const words = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-20);
  throw new ConsumerFailure([`consumer-test: ${what}: ${reason}`, ...words].join('\n    '));
}

/** The environment without what npm and pnpm hand down to scripts, which would lead back into the workspace. */
function consumerEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|NODE_PATH$|NODE_OPTIONS$|INIT_CWD$)/i.test(name),
  );
  const environment = Object.fromEntries(kept);
  const inherited = (process.env.PATH ?? '').split(':').filter((folder) => !folder.startsWith(ROOT));
  return { ...environment, PATH: inherited.join(':') };
}

function packAll(published, folder) {
  const pnpm = join(ROOT, 'node_modules/pnpm/bin/pnpm.cjs');
  return published.map(({ folder: packageFolder, manifest }) => {
    const before = new Set(readdirSync(folder));
    const parameters = [pnpm, 'pack', '--pack-destination', folder];
    run(`pack ${manifest.name}`, process.execPath, parameters, join(ROOT, packageFolder));
    const [tarball] = readdirSync(folder).filter((name) => !before.has(name));
    if (tarball === undefined) throw new ConsumerFailure(`consumer-test: pack ${manifest.name}: no tarball`);
    return join(folder, tarball);
  });
}

function install(tarballs, published, consumer) {
  writeFileSync(join(consumer, 'package.json'), `${JSON.stringify({ name: 'consumer', private: true })}\n`);
  run('npm install', 'npm', ['install', '--no-audit', '--no-fund', ...tarballs], consumer);
  for (const { manifest } of published) {
    const place = join(consumer, 'node_modules', manifest.name);
    if (!existsSync(place)) throw new ConsumerFailure(`consumer-test: ${manifest.name} was not installed`);
    if (realpathSync(place).startsWith(ROOT)) {
      throw new ConsumerFailure(
        `consumer-test: ${manifest.name} comes from the workspace, not from its tarball`,
      );
    }
    const nested = join(place, 'node_modules/@iommu-lab');
    if (existsSync(nested)) {
      throw new ConsumerFailure(
        `consumer-test: ${manifest.name} brought its own ${readdirSync(nested).join(', ')}`,
      );
    }
  }
}

function examplesOf(root) {
  const folder = join(root, 'examples');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'main.mjs')))
    .sort();
}

function runExamples(consumer) {
  const examples = examplesOf(ROOT);
  if (examples.length === 0) throw new ConsumerFailure('consumer-test: no examples/<name>/main.mjs to run');
  for (const name of examples) {
    const place = join(consumer, 'examples', name);
    cpSync(join(ROOT, 'examples', name), place, {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    });
    run(`examples/${name}/main.mjs`, process.execPath, ['main.mjs'], place);
    console.log(`example ${name}: ok`);
  }
}

/** `require()` of an ES module gives the same module that `import` gives: one copy, not two. */
function runCommonJs(consumer) {
  const file = join(consumer, 'consumer.cjs');
  writeFileSync(
    file,
    `const assert = require('node:assert');
const names = ['@iommu-lab/core', '@iommu-lab/explorer'];
(async () => {
  for (const name of names) {
    const required = require(name);
    assert(Object.keys(required).length > 0, name + ' exports nothing');
    assert.strictEqual(required, await import(name), name + ': require and import give two copies');
  }
})();
`,
  );
  run('a CommonJS consumer', process.execPath, [file], consumer);
  console.log('CommonJS consumer: ok');
}

/** Types as a stranger sees them: no source condition, no @types/node, our declarations checked themselves. */
function runTypeScript(consumer, published) {
  const specifiers = published.flatMap(({ manifest }) =>
    Object.entries(manifest.exports ?? {})
      .filter(([path, target]) => typeof target === 'object' && path !== './vitest')
      .map(([path]) => manifest.name + path.slice(1)),
  );
  const place = join(consumer, 'typescript');
  mkdirSync(place);
  const imports = specifiers.map((specifier, i) => `import * as module${i} from '${specifier}';`);
  const uses = `export const seen: readonly object[] = [${specifiers.map((_, i) => `module${i}`).join(', ')}];`;
  writeFileSync(join(place, 'main.mts'), `${imports.join('\n')}\n${uses}\n`);
  for (const [moduleResolution, module] of [
    ['node16', 'node16'],
    ['bundler', 'esnext'],
  ]) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2023', 'dom'],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const project = join(place, `tsconfig.${moduleResolution}.json`);
    writeFileSync(project, JSON.stringify({ compilerOptions, files: ['main.mts'] }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    run(`types under moduleResolution ${moduleResolution}`, process.execPath, [tsc, '-p', project], consumer);
    console.log(`TypeScript consumer, ${moduleResolution}: ok`);
  }
}

function runCommand(consumer) {
  const output = run('npx iommu-lab compare', 'npx', ['--no', '--', 'iommu-lab', 'compare'], consumer);
  if (output.trim() === '') throw new ConsumerFailure('consumer-test: npx iommu-lab compare printed nothing');
  console.log('npx iommu-lab compare: ok');
}

/** The whole test. Throws ConsumerFailure at the first thing that a stranger could not do. */
function consumerTest(keep) {
  const published = workspaces(ROOT).filter(({ manifest }) => manifest.private !== true);
  const folder = mkdtempSync(join(tmpdir(), 'iommu-lab-consumer-'));
  try {
    const tarballFolder = join(folder, 'tarballs');
    const consumer = join(folder, 'consumer');
    mkdirSync(tarballFolder);
    mkdirSync(consumer);
    const tarballs = packAll(published, tarballFolder);
    console.log(`packed ${tarballs.length} packages`);
    install(tarballs, published, consumer);
    console.log('installed them with npm');
    runCommonJs(consumer);
    runTypeScript(consumer, published);
    runExamples(consumer);
    runCommand(consumer);
  } finally {
    if (keep) console.log(`kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta)) {
  try {
    consumerTest(process.argv.includes('--keep'));
    console.log('consumer-test: all of it works outside the workspace');
  } catch (error) {
    if (!(error instanceof ConsumerFailure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
