/** The README's example is the example that is shipped, and it says what it promises. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

it('the example in the README is examples/core-dma', () => {
  const block = /```js\n([\s\S]*?)```/.exec(text('../README.md'))?.[1];
  expect(block).toBe(text('../../../examples/core-dma/main.mjs'));
});

it('the example runs', async () => {
  const lines: unknown[][] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...line) => {
    lines.push(line);
  });
  await import('../../../examples/core-dma/main.mjs' as string);
  log.mockRestore();
  expect(lines).toEqual([
    ['the device holds', Uint8Array.of(0x5a, 0x5a, 0x5a, 0x5a)],
    ['iova 0x100000 leads to the frame:', true],
    ['iova 0x200000 is refused with reason', 6],
  ]);
});
