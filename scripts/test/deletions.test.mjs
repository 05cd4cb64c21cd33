import { describe, expect, it } from 'vitest';
import { deletionsOf, without } from '../preconditions/deletions.mjs';

const only = (text) => {
  const [deletion, ...more] = deletionsOf(text);
  expect(more).toEqual([]);
  return deletion;
};
const rest = (text) => without(text, only(text)).replaceAll(/\s+/g, ' ').trim();

describe('what can be taken out of a variant', () => {
  it('is a lock with all its releases, in whatever functions they stand', () => {
    const text = `const port = {
      *begin({ members }) { yield* members.lock.lock(); yield* read(); },
      *end(handle) { yield* handle.close(); yield* handle.members.lock.unlock(); },
    };`;
    expect(only(text)).toMatchObject({ kind: 'lock', line: 2, text: 'yield* members.lock.lock()' });
    expect(rest(text)).toBe(
      'const port = { *begin({ members }) { yield* read(); }, *end(handle) { yield* handle.close(); }, };',
    );
  });

  it('is a reference: where its taking is asked for, it succeeds', () => {
    const text = `function* f() { if (yield* members.tryGet(one)) use(one); yield* members.put(one); }`;
    expect(only(text)).toMatchObject({ kind: 'reference', line: 1 });
    expect(rest(text)).toBe('function* f() { if (true) use(one); }');
  });

  it('is a reference that functions take and drop', () => {
    const text = `function* f() { yield* deviceGet(one); use(one); yield* devicePut(one); }`;
    expect(only(text)).toMatchObject({ kind: 'reference', line: 1, text: 'yield* deviceGet(one)' });
    expect(rest(text)).toBe('function* f() { use(one); }');
  });

  it('leaves two locks apart', () => {
    const text = `function* f() { yield* a.lock(); yield* b.lock(); yield* b.unlock(); yield* a.unlock(); }`;
    const [first, second, ...more] = deletionsOf(text);
    expect(more).toEqual([]);
    expect(without(text, first)).toContain('yield* b.lock(); yield* b.unlock();');
    expect(without(text, first)).not.toContain('a.');
    expect(without(text, second)).not.toContain('b.');
  });

  it.each([
    "if (members === null) return 'ENODEV';",
    'if (isErrno(made)) return made;',
    'if (error !== 0) return error;',
    'if (group === null) return;',
    "if (a) { return 'EPERM'; }",
    "if (gone) { yield* end(one); return 'ENODEV'; }",
  ])('is the check %s', (check) => {
    const text = `function* f() { ${check} yield* go(); }`;
    expect(only(text).kind).toBe('check');
    expect(rest(text)).toBe('function* f() { yield* go(); }');
  });

  it.each([
    'if (error === 0) return made;',
    'if (target.device !== null) { yield* detach(target.device); return; }',
    "if (a) return 'ENODEV'; else yield* b();",
    'return back === 0 ? from : null;',
    'yield* list.load();',
    'yield* members.put(one);',
  ])('is not %s', (statement) => {
    expect(deletionsOf(`function* f() { ${statement} }`)).toEqual([]);
  });
});
