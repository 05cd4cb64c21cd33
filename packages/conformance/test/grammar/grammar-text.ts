/** The trace grammar in words: one line for each operation, with its arguments and what it may write back. */
import type * as v from 'valibot';
import { operations } from '../../src/grammar/operations';
import * as values from '../../src/grammar/values';

/** A schema as valibot shows it; only what the grammar uses. */
interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly options?: readonly unknown[];
  readonly items?: readonly Shape[];
  readonly item?: Shape;
  readonly wrapped?: Shape;
  readonly literal?: unknown;
}

const NAMES = new Map<unknown, string>(Object.entries(values).map(([name, schema]) => [schema, name]));

/** What every call may report; said once and not with each operation. */
const COMMON_OUTS = ['at?=name', 'driver?=name', 'kernel?=BUG/crash/hang', 'warning?=name'];

/** The operations in alphabetical order, as `name: arguments -> outs`; `|` between ways of calling, `?` for optional. */
export function grammarLines(): string[] {
  return Object.entries(operations)
    .map(([name, { args, out }]) => `${name}: ${waysText(args)} -> ${outsText(name, shapeOf(out))}`.trimEnd())
    .sort();
}

function outsText(name: string, out: Shape): string {
  const outs = entriesText(out).split(' ');
  const missing = COMMON_OUTS.filter((common) => !outs.includes(common));
  if (missing.length > 0) throw new Error(`${name} cannot report ${missing.join(', ')}`);
  return outs.filter((one) => !COMMON_OUTS.includes(one)).join(' ');
}

function shapeOf(schema: unknown): Shape {
  return schema as Shape;
}

function waysText(args: v.GenericSchema): string {
  const shape = shapeOf(args);
  const ways = shape.type === 'union' ? (shape.options as readonly Shape[]) : [shape];
  return ways.map(entriesText).join(' | ');
}

/** Sorted: the order of keys in JSON means nothing. */
function entriesText({ entries = {} }: Shape): string {
  const keys = Object.entries(entries).map(([key, schema]) =>
    schema.type === 'exact_optional' && schema.wrapped !== undefined
      ? `${key}?=${typeText(schema.wrapped)}`
      : `${key}=${typeText(schema)}`,
  );
  return keys.sort().join(' ');
}

function typeText(schema: Shape): string {
  const named = NAMES.get(schema);
  if (named !== undefined) return named;
  switch (schema.type) {
    case 'literal':
      return JSON.stringify(schema.literal);
    case 'picklist':
      return (schema.options as readonly unknown[]).join('/');
    case 'union':
      return (schema.options as readonly Shape[]).map(typeText).join('/');
    case 'nullable':
      return `${typeText(shapeOf(schema.wrapped))}/null`;
    case 'array':
      return `${typeText(shapeOf(schema.item))}[]`;
    case 'strict_tuple':
      return `[${(schema.items ?? []).map(typeText).join(',')}]`;
    case 'strict_object':
      return `{${entriesText(schema)}}`;
    case 'string':
    case 'number':
    case 'boolean':
      return schema.type;
    default:
      throw new Error(`the grammar has a schema of type ${schema.type} that this does not know`);
  }
}
