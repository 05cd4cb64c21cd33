import type { ExitStatus } from '../exit-status';
import type { Invocation } from '../verb';
export function verifyVectorFiles(_: Invocation, __: readonly string[]): ExitStatus {
  throw new Error('later');
}
