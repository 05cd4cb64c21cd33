/** A search keeps what the current execution needs and nothing of the earlier ones, however many they were. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { kept, WARM_UP } from '../bench/memory';
import { NIGHTLY } from './nightly';
import { ENGINES } from './oracle/expect-traces';

/** Less than the smallest object for each execution. */
const BYTES_EACH = 8;
const EXECUTIONS = NIGHTLY ? 1_000_000 : 60_000;
const LONG_MS = 1_200_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

it.each(ENGINES)(
  `%s: memory stays flat over ${EXECUTIONS} executions`,
  (engine) => {
    const { executions, heapBytes } = kept(engine, EXECUTIONS, collect);
    expect(executions).toBe(EXECUTIONS);
    expect(heapBytes).toBeLessThan((EXECUTIONS - WARM_UP) * BYTES_EACH);
  },
  LONG_MS,
);
