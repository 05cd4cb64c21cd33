import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkOperations } from '../check-operations.mjs';

// The types are declared here as the explorer declares them; the check goes by name and by the package's folder.
const EXPLORER = `
export type Op<T> = Generator<undefined, T, undefined>;
export interface Step<T> { [Symbol.iterator](): Iterator<undefined, T, undefined> }
export declare class Mutex { lock(): Step<void>; tryLock(): Step<boolean>; readonly depth: number }
`;
const HEADER = `import type { Mutex, Op, Step } from '../../explorer/src/index';
declare const mutex: Mutex;
declare function attach(): Op<number>;
declare function maybe(): Op<number> | undefined;
declare function run<T>(op: Op<T> | Step<T>): T;
declare const flag: boolean;
`;
const BAD = [
  ['mutex.lock();', 'mutex.lock(...) gives a Step'],
  ['attach();', 'attach(...) gives an Op'],
  ['if (mutex.tryLock()) run(attach());', 'mutex.tryLock(...) gives a Step'],
  ['if (!mutex.tryLock()) run(attach());', 'mutex.tryLock(...) gives a Step'],
  ['const e = attach();', 'attach(...) gives an Op'],
  ["if ((attach() as unknown) === 'EBUSY') run(attach());", 'attach(...) gives an Op'],
  ['const both = flag && mutex.tryLock();', 'mutex.tryLock(...) gives a Step'],
  ['const ops = [attach()];', 'attach(...) gives an Op'],
  ['const m = maybe();', 'maybe(...) gives an Op'],
  ['yield attach() as never;', 'attach(...) gives an Op'],
  ['const s = flag + String(1) + attach();', 'attach(...) gives an Op'],
  ['if (flag) return attach() as never;', 'attach(...) gives an Op'],
  ['void mutex.lock();', 'mutex.lock(...) gives a Step'],
];
const GOOD = [
  'yield* mutex.lock();',
  'const e = yield* attach();',
  'if (!(yield* mutex.tryLock())) return;',
  'const n = yield* flag ? attach() : (attach() as Op<number>);',
  'const n = run(attach());',
  'const f = () => attach();',
  'const f = function () { return attach(); };',
  'const d = mutex.depth;',
];

let root;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'check-operations-'));
  copyFileSync(join(import.meta.dirname, '../../tsconfig.base.json'), join(root, 'tsconfig.base.json'));
  for (const name of ['explorer', 'kernel'])
    mkdirSync(join(root, 'packages', name, 'src'), { recursive: true });
  writeFileSync(join(root, 'packages/explorer/src/index.ts'), EXPLORER);
  const body = (statements) =>
    `${HEADER}${statements.map((text, i) => `export function* f${i}(): Op<void> { ${text} }`).join('\n')}\n`;
  writeFileSync(join(root, 'packages/kernel/src/bad.ts'), body(BAD.map(([text]) => text)));
  writeFileSync(join(root, 'packages/kernel/src/good.ts'), body(GOOD));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

it('reports each operation that is used as a value, and nothing else', () => {
  const firstLine = HEADER.split('\n').length;
  const seen = checkOperations(root).map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const expected = BAD.map(
    ([, call], index) =>
      `packages/kernel/src/bad.ts:${firstLine + index}: ${call}, which is used as a value; write yield* before it`,
  );
  expect(seen).toEqual(expected);
});
