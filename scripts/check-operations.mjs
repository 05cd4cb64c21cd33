/**
 * An operation is no value. `group.mutex.lock()` alone does nothing, and `if (cell.get() === 1)` compares an iterator:
 * a call that gives a `Step` or an `Op` of the explorer must be the operand of `yield*`, returned by a plain function,
 * or handed on as an argument. Everything else is reported: a statement, an operand, a condition, an assigned variable,
 * and `return` in a generator, which ends it with an iterator that nobody runs.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { at, filesBelow, isMain, report } from './rules/sources.mjs';

/** Where an operation becomes a running fiber; the one place that keeps it. */
const ENGINE = 'packages/explorer/src/fiber.ts';

/** All violations in packages/<name>/src of the repository at `root`. */
export function checkOperations(root, files = sourcesOf(root)) {
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    compilerOptions(root),
  );
  const checker = program.getTypeChecker();
  const found = [];
  for (const file of files) {
    const source = program.getSourceFile(join(root, file));
    const visit = (node) => {
      if (ts.isCallExpression(node) && !isHandedOn(node)) {
        const name = operationName(checker.getTypeAtLocation(node), checker);
        if (name !== null) found.push(at(source, node, messageFor(node, name, source), file));
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function sourcesOf(root) {
  return filesBelow(root, 'packages').filter(
    (file) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(file) && file !== ENGINE,
  );
}

function compilerOptions(root) {
  const path = join(root, 'tsconfig.base.json');
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile);
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  return ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, dirname(path)).options;
}

/** Whether the value of `node` goes where an operation may go; looks through parentheses, casts and branches. */
function isHandedOn(node) {
  const { parent } = node;
  if (
    ts.isParenthesizedExpression(parent) ||
    ts.isAsExpression(parent) ||
    ts.isSatisfiesExpression(parent) ||
    ts.isNonNullExpression(parent)
  ) {
    return isHandedOn(parent);
  }
  if (ts.isConditionalExpression(parent)) return parent.condition !== node && isHandedOn(parent);
  if (ts.isYieldExpression(parent)) return parent.asteriskToken !== undefined;
  if (ts.isReturnStatement(parent)) return !isInGenerator(parent);
  if (ts.isArrowFunction(parent)) return parent.body === node;
  return (
    (ts.isCallExpression(parent) || ts.isNewExpression(parent)) &&
    parent.arguments !== undefined &&
    parent.arguments.includes(node)
  );
}

function isInGenerator(node) {
  const enclosing = ts.findAncestor(node, ts.isFunctionLike);
  return enclosing !== undefined && enclosing.asteriskToken !== undefined;
}

/** `Step` or `Op` if the type is one or may be one, else null. An `Op` is also any generator that yields undefined. */
function operationName(type, checker) {
  if (type.aliasSymbol?.name === 'Op' && isOfExplorer(type.aliasSymbol)) return 'Op';
  if (type.isUnion()) {
    for (const member of type.types) {
      const name = operationName(member, checker);
      if (name !== null) return name;
    }
    return null;
  }
  const symbol = type.getSymbol();
  if (symbol?.name === 'Step' && isOfExplorer(symbol)) return 'Step';
  if (symbol?.name !== 'Generator') return null;
  const yielded = checker.getTypeArguments(type)[0];
  return yielded !== undefined && yielded.flags & ts.TypeFlags.Undefined ? 'Op' : null;
}

function isOfExplorer(symbol) {
  return (symbol.declarations ?? []).some((declaration) => {
    const file = declaration.getSourceFile().fileName;
    return /\/(packages|@iommu-lab)\/explorer\//.test(file);
  });
}

function messageFor(node, name, source) {
  const call = node.expression.getText(source).replace(/\s+/g, '');
  return `${call}(...) gives ${name === 'Op' ? 'an Op' : 'a Step'}, which is used as a value; write yield* before it`;
}

if (isMain(import.meta)) {
  const root = resolve(process.argv[2] ?? '.');
  if (existsSync(join(root, 'packages'))) {
    const files = sourcesOf(root);
    report('check-operations', checkOperations(root, files), files.length);
  } else {
    console.log(`check-operations: no packages in ${relative('.', root) || '.'}`);
    process.exitCode = 1;
  }
}
