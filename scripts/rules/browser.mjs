/**
 * Packages run in a browser and give the same answer every time: no Node module, no global that only Node has, no
 * clock and no randomness in packages/<name>/src. Files that are made for Node are named src/vitest… and src/workers….
 */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { at, importsOf, packageOf } from './sources.mjs';

const ONLY_NODE = new Set([
  'Buffer',
  'process',
  'require',
  'module',
  '__dirname',
  '__filename',
  'setImmediate',
]);
const UNREPEATABLE = new Set(['Date', 'performance', 'setTimeout', 'setInterval']);
const MADE_FOR_NODE = /^packages\/[^/]+\/src\/(vitest|workers)/;

/** Violations in the sources of the packages; `files` may name more than those. */
export function browserRule(root, files) {
  const names = files.filter((file) => /^packages\/[^/]+\/src\//.test(file) && !MADE_FOR_NODE.test(file));
  const program = isolatedProgram(root, names);
  const checker = program.getTypeChecker();
  const found = [];
  for (const name of names) {
    const source = program.getSourceFile(name);
    for (const { specifier, node } of importsOf(source)) {
      if (isNodeModule(specifier)) found.push(at(source, node, `${specifier} does not exist in a browser`));
    }
    const visit = (node) => {
      const message = forbidden(node, checker);
      if (message !== null) found.push(at(source, node, message));
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** A program that knows no library and resolves no import, so that a name without a symbol is a global. */
function isolatedProgram(root, names) {
  const options = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ESNext };
  const host = ts.createCompilerHost(options, true);
  host.getCurrentDirectory = () => root;
  host.fileExists = (name) => names.includes(name);
  host.readFile = (name) => readFileSync(join(root, name), 'utf8');
  host.getSourceFile = (name, target) =>
    names.includes(name) ? ts.createSourceFile(name, host.readFile(name), target, true) : undefined;
  return ts.createProgram(names, options, host);
}

function isNodeModule(specifier) {
  return specifier.startsWith('node:') || builtinModules.includes(packageOf(specifier) ?? '');
}

function forbidden(node, checker) {
  if (!ts.isIdentifier(node)) return null;
  if (node.text === 'random' && isMemberOf(node, 'Math'))
    return 'Math.random gives no run that can be repeated';
  const onlyNode = ONLY_NODE.has(node.text);
  if (!onlyNode && !UNREPEATABLE.has(node.text)) return null;
  if (!isMemberOf(node, 'globalThis') && !isGlobal(node, checker)) return null;
  return onlyNode
    ? `${node.text} does not exist in a browser`
    : `${node.text} depends on the clock; a run could not be repeated`;
}

function isMemberOf(node, object) {
  const { parent } = node;
  return (
    ts.isPropertyAccessExpression(parent) &&
    parent.name === node &&
    ts.isIdentifier(parent.expression) &&
    parent.expression.text === object
  );
}

function isGlobal(node, checker) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isQualifiedName(parent) && parent.right === node) return false;
  if (ts.isMetaProperty(parent) || ts.isJSDoc(parent)) return false;
  const symbol = ts.isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(node);
  return symbol === undefined || symbol.declarations === undefined;
}
