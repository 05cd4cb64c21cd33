/**
 * Checks input against a schema and, where it does not fit, says in one line what is wrong and where.
 *
 * Where an object has several forms (the calls of one ioctl), the form that shares most keys with the input is the one
 * that is reported: a list of everything that might have fitted helps nobody.
 */
import * as v from 'valibot';
import { InputError, type InputPlace } from '../input-error';
import type { ArgsSchema, ObjectSchema } from './operation';

type Schema = v.GenericSchema;

/**
 * The input as the schema types it. `prefix` is the field that the input itself is, `` for a whole document. Throws
 * `InputError` with the first thing that does not fit.
 */
export function parseAs<const S extends Schema>(
  schema: S,
  input: unknown,
  place: InputPlace,
  prefix = '',
): v.InferOutput<S> {
  // To valibot a list is an object: an empty one would pass where nothing is required.
  if (schema.type === 'strict_object' && Array.isArray(input)) {
    throw new InputError(`expected an object, got ${rendered(input)}`, {
      ...place,
      ...fieldOf(prefix, undefined),
    });
  }
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(explain(issue, schema), { ...place, ...fieldOf(prefix, issue.path) });
}

/** As `parseAs` for an operation's arguments, against the form that they most resemble. */
export function parseArgs(schema: ArgsSchema, input: unknown, place: InputPlace, prefix: string): unknown {
  return parseAs(nearestForm(schema, input), input, place, prefix);
}

function nearestForm(schema: ArgsSchema, input: unknown): ObjectSchema {
  if (schema.type === 'strict_object') return schema;
  const keys = typeof input === 'object' && input !== null ? Object.keys(input) : [];
  const shared = (form: ObjectSchema) => keys.filter((key) => Object.hasOwn(form.entries, key)).length;
  return schema.options.reduce((best, form) => (shared(form) > shared(best) ? form : best));
}

function explain(issue: v.BaseIssue<unknown>, schema: Schema): string {
  if (issue.type === 'strict_object') return explainObject(issue, schema);
  // A schema's own message names the form it wants; valibot's default one starts with "Invalid".
  const expected = issue.message.startsWith('Invalid') ? `expected ${issue.expected}` : issue.message;
  return `${expected}, got ${rendered(issue.input)}`;
}

function explainObject(issue: v.BaseIssue<unknown>, schema: Schema): string {
  if (issue.expected === 'never') {
    const known =
      issue.path?.length === 1 && 'entries' in schema ? Object.keys(schema.entries as object) : [];
    return known.length === 0 ? 'no such field' : `no such field (there are: ${known.join(', ')})`;
  }
  if (issue.expected === 'Object') return `expected an object, got ${rendered(issue.input)}`;
  return 'missing';
}

/** The input in at most 60 characters. */
function rendered(input: unknown): string {
  if (input === undefined) return 'nothing';
  const text = JSON.stringify(input) ?? String(input);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function fieldOf(prefix: string, path: v.BaseIssue<unknown>['path']): { field?: string } {
  let field = prefix;
  for (const { key } of path ?? []) {
    if (typeof key === 'number') field += `[${key}]`;
    else field += field === '' ? String(key) : `.${String(key)}`;
  }
  return field === '' ? {} : { field };
}
