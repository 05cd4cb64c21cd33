/** What the rules read: the files of the repository, its packages, and parsed modules. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

const NOT_OURS = new Set([
  '.git',
  '.turbo',
  '.pnpm-store',
  'artifacts',
  'coverage',
  'dist',
  'iommu-lab-run',
  'node_modules',
]);

/**
 * @typedef {{ file: string, line: number, message: string }} Violation `file` is relative to the root, `line` from 1
 * @typedef {{ name: string, folder: string, manifest: Record<string, any>, isApp: boolean }} Workspace
 * @typedef {{ specifier: string, node: ts.Node }} Import
 */

/** All files below `folder`, without what is installed or built, as paths relative to `root` with `/`. */
export function filesBelow(root, folder = '.') {
  const found = [];
  const start = join(root, folder);
  if (!existsSync(start)) return found;
  for (const entry of readdirSync(start, { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(root, path));
    else if (entry.isFile()) found.push(path.split(sep).join('/'));
  }
  return found.sort();
}

/** Whether a file is a module that the compiler can read. */
export function isModule(file) {
  return /\.(ts|tsx|mts|js|jsx|mjs|cjs)$/.test(file);
}

/** The packages and apps of the repository at `root`, with their manifests. */
export function workspaces(root) {
  const found = [];
  for (const place of ['packages', 'apps']) {
    if (!existsSync(join(root, place))) continue;
    for (const name of readdirSync(join(root, place)).sort()) {
      const path = join(root, place, name, 'package.json');
      if (!existsSync(path)) continue;
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      found.push({ name, folder: `${place}/${name}`, manifest, isApp: place === 'apps' });
    }
  }
  return found;
}

/** Parses one file without resolving anything. */
export function parse(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
}

/** Every module that a source names: import, export from, import(), import types, require(). */
export function importsOf(source) {
  const found = [];
  const visit = (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) found.push({ specifier: specifier.text, node: specifier });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node) {
  const literal = (candidate) =>
    candidate !== undefined && ts.isStringLiteralLike(candidate) ? candidate : undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined;
  }
  if (ts.isExternalModuleReference(node)) return literal(node.expression);
  if (!ts.isCallExpression(node)) return undefined;
  const called = node.expression;
  const loads =
    called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require');
  return loads ? literal(node.arguments[0]) : undefined;
}

/** The name of the package that a specifier leads to; null for a relative one. */
export function packageOf(specifier) {
  if (specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('#')) return null;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** A violation at a node of a parsed file. */
export function at(source, node, message, file = source.fileName) {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file, line: line + 1, message };
}

/** Prints each violation on one line and sets the exit status; `what` names the check. */
export function report(what, violations, checked) {
  for (const { file, line, message } of violations) console.log(`${file}:${line}: ${message}`);
  if (violations.length > 0) {
    console.log(`${what}: ${violations.length} violation${violations.length === 1 ? '' : 's'}`);
    process.exitCode = 1;
  } else console.log(`${what}: ${checked} files, no violation`);
}

/** Whether the module was started by node itself and not imported. */
export function isMain(meta) {
  return process.argv[1] !== undefined && relative(process.argv[1], meta.filename) === '';
}
