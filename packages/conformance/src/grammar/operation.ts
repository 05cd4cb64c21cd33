/**
 * What the grammar knows of one operation: the arguments that it takes and what it may write back.
 *
 * Arguments are strict objects; an operation that is called in several ways has one object for each. Every key of
 * `out` is optional, since a recorder writes what it looked at and comparison goes key by key.
 */
import * as v from 'valibot';
import { name } from './values';

/** A strict object of any entries. */
export type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** One way of calling, or several. */
export type ArgsSchema = ObjectSchema | v.UnionSchema<ObjectSchema[], undefined>;

export interface Operation<A extends ArgsSchema, O extends ObjectSchema> {
  readonly args: A;
  readonly out: O;
}

/** What any call may report: how the kernel died or hung under it, a warning it logged, the driver left in place. */
const COMMON_OUT = {
  /** `BUG` and `crash`: the kernel died; `hang`: the call had not come back after two virtual minutes. */
  kernel: v.exactOptional(v.picklist(['BUG', 'crash', 'hang'])),
  /** The kernel's function in which it died. */
  at: v.exactOptional(name),
  /** The kernel's function that logged a warning during the call. */
  warning: v.exactOptional(name),
  /** The driver of the device concerned afterwards, `none` without one. */
  driver: v.exactOptional(name),
};

type CommonOut = typeof COMMON_OUT;

/** One operation: its arguments, and what it writes back beside what every call may report. */
export function operation<A extends ArgsSchema>(
  args: A,
): Operation<A, v.StrictObjectSchema<CommonOut, undefined>>;
export function operation<A extends ArgsSchema, const O extends v.ObjectEntries>(
  args: A,
  out: O,
): Operation<A, v.StrictObjectSchema<CommonOut & O, undefined>>;
export function operation(args: ArgsSchema, out: v.ObjectEntries = {}): Operation<ArgsSchema, ObjectSchema> {
  return { args, out: v.strictObject({ ...COMMON_OUT, ...out }) };
}

/** The arguments of an operation that takes none. */
export const noArgs = v.strictObject({});
