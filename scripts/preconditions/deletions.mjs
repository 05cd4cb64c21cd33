/**
 * What can be taken out of a variant's file: each lock, each reference and each check, one at a time.
 *
 * A lock is its taking and all its releases; a reference likewise. Both may stand in different functions: what is taken
 * in `begin` is given back in `end`. A `tryGet` that a branch depends on is taken to succeed. A check is an `if` that
 * leaves the function with an error, or with nothing done; what it would have kept out goes on. A named error may have
 * something given back before it. Nothing else is touched.
 */
import ts from 'typescript';

const TAKES = { lock: 'unlock', downRead: 'upRead', downWrite: 'upWrite' };
const GETS = { get: 'put', tryGet: 'put', getUnlessZero: 'put' };
/** References by function: what they do to their argument. */
const FUNCTIONS = { deviceGet: 'get', devicePut: 'put' };

/**
 * The deletions of one source text, in its order.
 * @returns kind, the line of what is deleted, its text in one line, and the `edits`: ranges with what takes their place
 */
export function deletionsOf(text) {
  const source = ts.createSourceFile('variant.ts', text, ts.ScriptTarget.Latest, true);
  const calls = [];
  const checks = [];
  visit(source, (node) => {
    const call = operationOf(node);
    if (call !== null) calls.push(call);
    if (ts.isIfStatement(node) && isCheck(node)) checks.push(node);
  });
  const deletion = (kind, node, edits) => ({
    kind,
    line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
    at: node.getStart(),
    text: node.getText().replaceAll(/\s+/g, ' '),
    edits,
  });
  const found = [
    ...pairs(calls, TAKES).map(({ first, edits }) => deletion('lock', first, edits)),
    ...pairs(calls, GETS).map(({ first, edits }) => deletion('reference', first, edits)),
    ...checks.map((node) =>
      deletion('check', node, [{ start: node.getStart(), end: node.getEnd(), by: '' }]),
    ),
  ];
  return found.sort((one, other) => one.at - other.at);
}

/** The text with a deletion made. */
export function without(text, { edits }) {
  return [...edits]
    .sort((one, other) => other.start - one.start)
    .reduce((before, { start, end, by }) => before.slice(0, start) + by + before.slice(end), text);
}

/**
 * `yield* object.method(...)` or `yield* function(object)`: the method, the object's last name (what a lock or reference
 * is known by), the node.
 */
function operationOf(node) {
  if (!ts.isYieldExpression(node) || node.asteriskToken === undefined || node.expression === undefined)
    return null;
  const call = node.expression;
  if (!ts.isCallExpression(call)) return null;
  const [argument] = call.arguments;
  const method = FUNCTIONS[call.expression.getText()];
  if (method !== undefined && argument !== undefined) return { method, object: lastName(argument), node };
  if (!ts.isPropertyAccessExpression(call.expression)) return null;
  return { method: call.expression.name.text, object: lastName(call.expression.expression), node };
}

function lastName(object) {
  return ts.isPropertyAccessExpression(object) ? object.name.text : object.getText();
}

/** Each kind of taking with its giving back, by what they are called on. */
function pairs(calls, kinds) {
  const found = new Map();
  for (const { method, object, node } of calls) {
    const back = Object.values(kinds).includes(method);
    if (!(method in kinds) && !back) continue;
    const key = `${object} ${back ? method : kinds[method]}`;
    const pair = found.get(key) ?? { first: null, edits: [] };
    found.set(key, pair);
    pair.edits.push(editOf(node));
    if (!back) pair.first ??= node;
  }
  return [...found.values()].filter(({ first }) => first !== null);
}

/** A statement of its own goes; where its value is asked for, it succeeded. */
function editOf(node) {
  const statement = ts.isExpressionStatement(node.parent) ? node.parent : null;
  if (statement !== null) return { start: statement.getStart(), end: statement.getEnd(), by: '' };
  return { start: node.getStart(), end: node.getEnd(), by: 'true' };
}

/** An `if` that leaves the function with an error, or with nothing done. */
function isCheck({ expression, thenStatement, elseStatement }) {
  if (elseStatement !== undefined) return false;
  const statements = ts.isBlock(thenStatement) ? thenStatement.statements : [thenStatement];
  const last = statements.at(-1);
  if (last === undefined || !ts.isReturnStatement(last)) return false;
  const left = last.expression;
  if (left !== undefined && ts.isStringLiteral(left)) return true;
  if (statements.length > 1) return false;
  if (left === undefined) return true;
  const condition = expression.getText();
  return condition === `isErrno(${left.getText()})` || condition === `${left.getText()} !== 0`;
}

function visit(node, see) {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
