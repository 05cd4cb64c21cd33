/** The readers and the published schemas agree on what is a trace line, recorded or damaged. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { documentSchemas } from '../../src/grammar/documents';
import { InputError } from '../../src/input-error';
import { recordings } from '../../src/recordings';
import { readTraceLine } from '../../src/trace/read';

type Json = Record<string, unknown>;

const lines: Json[] = recordings().flatMap(({ cases }) =>
  cases.flatMap(({ id, steps }) => steps.map((step, k) => ({ case: id, step: k, ...step }))),
);

function readerTakes(line: unknown): boolean {
  try {
    readTraceLine(JSON.stringify(line), { source: 't' });
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

const schemaTakes = (line: unknown) => v.is(documentSchemas['trace-line'], line);

/** Places in a line that can be damaged: fields of the line, of its arguments and of its outs. */
function places(line: Json): { holder: string | null; key: string }[] {
  const inside = ['args', 'out'].flatMap((holder) =>
    Object.keys((line[holder] as Json | undefined) ?? {}).map((key) => ({ holder, key })),
  );
  return [...Object.keys(line).map((key) => ({ holder: null, key })), ...inside];
}

const damage = fc.oneof(
  fc.constant({ kind: 'delete' } as const),
  fc.constant({ kind: 'rename' } as const),
  fc
    .constantFrom(12, -3, 1.5, true, 'x', '0x10', '', null, [], {})
    .map((value) => ({ kind: 'set', value }) as const),
);

function damaged(
  line: Json,
  place: { holder: string | null; key: string },
  how: { kind: string; value?: unknown },
): Json {
  const copy = structuredClone(line);
  const holder = place.holder === null ? copy : (copy[place.holder] as Json);
  const before = holder[place.key];
  delete holder[place.key];
  if (how.kind === 'rename') holder[`${place.key}_`] = before;
  if (how.kind === 'set') holder[place.key] = how.value;
  return copy;
}

describe('the schema of a trace line', () => {
  it('takes every recorded line', () => {
    expect(lines.filter((line) => !schemaTakes(line))).toEqual([]);
  });

  it('takes what the reader takes of a damaged line, and refuses what it refuses', () => {
    const damagedLine = fc
      .constantFrom(...lines)
      .chain((line) => fc.tuple(fc.constant(line), fc.constantFrom(...places(line)), damage))
      .map(([line, place, how]) => damaged(line, place, how))
      // Two rules that a schema cannot say: an errno stands beside ret -1 alone, and a list is no object.
      .filter((line) => (line.ret === -1) === (line.errno !== null) && !Array.isArray(line.args))
      .filter((line) => !Array.isArray(line.out));
    fc.assert(
      fc.property(damagedLine, (line) => {
        expect(schemaTakes(line)).toBe(readerTakes(line));
      }),
      { numRuns: 3000 },
    );
  });
});
