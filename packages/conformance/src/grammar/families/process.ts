/** The user's process: limits, identity, children, waiting. The steps from `fork` to `exit` run in the child. */
import * as v from 'valibot';
import { noArgs, operation } from '../operation';
import { count, flag, hexNumber, name, uint32 } from '../values';

export const processOperations = {
  setrlimit: operation(v.strictObject({ resource: v.literal('memlock'), cur: hexNumber, max: hexNumber })),
  setresuid: operation(v.strictObject({ uid: uint32 })),
  fork: operation(noArgs),
  exit: operation(noArgs),
  /** Waits for an eventfd in virtual time. */
  'eventfd.wait': operation(v.strictObject({ efd: name, timeout_ms: count }), {
    fired: v.exactOptional(flag),
  }),
};
