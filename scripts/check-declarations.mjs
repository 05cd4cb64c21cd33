/**
 * Published declarations name only packages that an installation brings along: the package itself, its dependencies
 * and its peers. A type that leaks from a devDependency compiles here and nowhere else. Needs a build.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { at, importsOf, isMain, packageOf, parse, report, workspaces } from './rules/sources.mjs';

/** The declaration files that a build put into a package, relative to `root`. */
export function declarationsOf(root, workspace) {
  const folder = join(workspace.folder, 'dist');
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => /\.d\.[cm]?ts$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** Violations in the declarations of all packages that are published. */
export function checkDeclarations(root) {
  const found = [];
  for (const workspace of workspaces(root)) {
    const { manifest } = workspace;
    if (manifest.private === true) continue;
    if (manifest.types !== undefined && !existsSync(join(root, workspace.folder, manifest.types))) {
      found.push({
        file: join(workspace.folder, manifest.types),
        line: 1,
        message: 'is missing; build first',
      });
    }
    const known = new Set([
      manifest.name,
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ]);
    for (const file of declarationsOf(root, workspace)) found.push(...inFile(root, file, manifest, known));
  }
  return found;
}

function inFile(root, file, manifest, known) {
  const source = parse(root, file);
  const found = [];
  for (const { specifier, node } of importsOf(source)) {
    const name = packageOf(specifier);
    if (name === null || known.has(name) || known.has(`@types/${name}`)) continue;
    found.push(at(source, node, `${name} is not in dependencies of ${manifest.name}`));
  }
  const text = readFileSync(join(root, file), 'utf8');
  for (const { fileName, pos } of ts.preProcessFile(text, true, true).typeReferenceDirectives) {
    if (known.has(fileName) || known.has(`@types/${fileName}`)) continue;
    const line = source.getLineAndCharacterOfPosition(pos).line + 1;
    found.push({ file, line, message: `types of ${fileName} are not in dependencies of ${manifest.name}` });
  }
  return found;
}

if (isMain(import.meta)) {
  const root = resolve(process.argv[2] ?? '.');
  const checked = workspaces(root).flatMap((workspace) => declarationsOf(root, workspace));
  report('check-declarations', checkDeclarations(root), checked.length);
}
