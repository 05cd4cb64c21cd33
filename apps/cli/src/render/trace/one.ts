/** A workload on one variant, step by step. */
import type { TracedCase } from '@iommu-lab/comparison';
import type { Case } from '@iommu-lab/conformance';
import type { Colours } from '../../terminal/colours';
import { wrap } from '../../terminal/width';
import { type EventLine, eventLines, folded } from './lines';
import { endDifferences, stepDifferences, stepHead } from './step-head';

/** The lines of the trace. */
export function traceOne(one: Case, traced: TracedCase, width: number, colours: Colours): string[] {
  const steps = one.steps.flatMap((step, index) => [
    ...stepHead(step, index, width).map(colours.bold),
    ...stepDifferences(traced.result, index).flatMap((text) =>
      wrap(`  ! ${text}`, width, 4).map(colours.red),
    ),
    ...folded(eventLines(traced.steps[index]?.events ?? [])).flatMap((line) => shown(line, width, colours)),
  ]);
  const end = endDifferences(traced.result).flatMap((text) => wrap(`! ${text}`, width, 2).map(colours.red));
  return [...steps, ...end];
}

function shown(line: EventLine, width: number, colours: Colours): string[] {
  const indent = Math.min(2 + 2 * line.depth, Math.floor(width / 2));
  return wrap(' '.repeat(indent) + line.text, width, indent + 4).map((text) => coloured(text, line, colours));
}

/** Colour says again what the words say: what kind of event it is. */
export function coloured(text: string, { kind }: EventLine, colours: Colours): string {
  if (kind === 'lock') return colours.yellow(text);
  if (kind === 'reference') return colours.magenta(text);
  return kind === 'hardware' ? colours.cyan(text) : text;
}
