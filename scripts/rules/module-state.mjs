/** Core, explorer, kernel and vfio keep no state in a module: it would leak from one machine or search into the next. */
import ts from 'typescript';
import { at, parse } from './sources.mjs';

const STATELESS = /^packages\/(core|explorer|kernel|vfio|api-[^/]+)\/src\//;

/** Top-level `let` and `var` in the packages that must be stateless. */
export function moduleState(root, files) {
  const found = [];
  for (const file of files.filter((path) => STATELESS.test(path))) {
    const source = parse(root, file);
    for (const statement of source.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      if (statement.declarationList.flags & ts.NodeFlags.Const) continue;
      found.push(at(source, statement, 'module-level let: state belongs to a machine, a kernel or a search'));
    }
  }
  return found;
}
