/** Width, wrapping, colour and the progress line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloursOf } from '../src/terminal/colours';
import { Progress } from '../src/terminal/progress';
import { widthOf, wrap } from '../src/terminal/width';
import { memoryIo } from './memory-io';

describe('widthOf', () => {
  it("is the terminal's, else COLUMNS, else 80, and never less", () => {
    expect(widthOf(memoryIo({ columns: 132, environment: { COLUMNS: '90' } }).io)).toBe(132);
    expect(widthOf(memoryIo({ environment: { COLUMNS: '120' } }).io)).toBe(120);
    expect(widthOf(memoryIo({ environment: { COLUMNS: 'wide' } }).io)).toBe(80);
    expect(widthOf(memoryIo().io)).toBe(80);
    expect(widthOf(memoryIo({ columns: 40 }).io)).toBe(80);
  });
});

describe('wrap', () => {
  it('breaks at blanks and hangs what follows', () => {
    expect(wrap('  one two three', 9, 4)).toEqual(['  one two', '    three']);
    expect(wrap('short', 80)).toEqual(['short']);
  });

  it('loses no character but blanks, and no line is too long', () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom('a', 'b', '/') }));
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 8, max: 40 }),
        fc.integer({ min: 0, max: 6 }),
        (list, width, hanging) => {
          const lines = wrap(list.join(' '), width, hanging);
          expect(lines.join('').replaceAll(' ', '')).toBe(list.join(''));
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('colour', () => {
  const red = (options: Parameters<typeof memoryIo>[0]) => coloursOf(memoryIo(options).io).red('x');

  it('is for terminals, and not where NO_COLOR is set', () => {
    expect(red({ columns: 80 })).toBe('\x1b[31mx\x1b[39m');
    expect(red({})).toBe('x');
    expect(red({ columns: 80, environment: { NO_COLOR: '1' } })).toBe('x');
    expect(red({ columns: 80, environment: { NO_COLOR: '' } })).not.toBe('x');
    expect(red({ columns: 80, environment: { TERM: 'dumb' } })).toBe('x');
  });
});

describe('the progress line', () => {
  it('is written on a terminal, now and then, and erased', () => {
    const { io, read } = memoryIo({ progress: true, columns: 30 });
    const progress = new Progress(io);
    for (let done = 1; done <= 4; done++) progress.report(done, 4, 'container/a-very-long-name');
    const shown = read().err.split('\r\x1b[K').slice(1);
    expect(shown).toEqual(['1/4 cases, 17/s  container/a-', '3/4 cases, 17/s  container/a-']);
    progress.erase();
    progress.erase();
    expect(read().err.endsWith('\r\x1b[K')).toBe(true);
    expect(read().err.split('\r\x1b[K')).toHaveLength(4);
  });

  it('is nothing in a pipe', () => {
    const { io, read } = memoryIo();
    const progress = new Progress(io);
    progress.report(1, 1, 'x');
    progress.erase();
    expect(read().err).toBe('');
  });
});
