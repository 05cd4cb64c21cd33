/**
 * Reads a recorded trace: JSON Lines, plain or gzip, one step a line, the steps of a case together and in order.
 *
 * What a kernel answered is kept exactly; anything the grammar does not know is an error, since it could not be
 * replayed or compared. Names of cases and files decide nothing but the profile, which is the parent folder's name.
 */
import type { Case } from '../grammar/case';
import { parseAs } from '../grammar/parse-as';
import { traceEnvelope, typedStep } from '../grammar/parse-step';
import type { Step } from '../grammar/step';
import { InputError, type InputPlace } from '../input-error';
import { gunzip, isGzip } from './gunzip';
import { unrecordedCloses } from './unrecorded-closes';

/** Where a trace comes from: `name` is a path, in errors and, without `profile`, for the profile. */
export interface TraceSource {
  readonly name: string;
  readonly profile?: string;
}

/** One recorded line. */
export interface TraceLine {
  readonly case: string;
  readonly step: number;
  readonly content: Step;
}

/**
 * The cases of a trace, in order. Throws `InputError` with the line where the data is cut off or damaged, empty, not
 * JSON, not of the grammar, or where steps of a case are missing, out of order or apart from each other.
 */
export function readTrace(bytes: Uint8Array | string, source: TraceSource): Case[] {
  const profile = source.profile ?? parentFolder(source.name);
  const cases = new Map<string, Step[]>();
  let current = '';
  let number = 0;
  for (const text of textOf(bytes, source.name).split('\n')) {
    number++;
    if (text.trim() === '') continue;
    const place = { source: source.name, line: number };
    const line = readTraceLine(text, place);
    if (line.case !== current && cases.has(line.case)) {
      throw new InputError(`case "${line.case}" was left and comes back`, { ...place, field: 'case' });
    }
    current = line.case;
    const steps = cases.get(current) ?? [];
    cases.set(current, steps);
    if (line.step !== steps.length) {
      throw new InputError(`expected step ${steps.length} of case "${line.case}", got ${line.step}`, {
        ...place,
        field: 'step',
      });
    }
    steps.push(line.content);
  }
  if (cases.size === 0) throw new InputError('no steps: the trace is empty', { source: source.name });
  return [...cases].map(([id, steps]) => {
    const unrecorded = unrecordedCloses(steps);
    const head = { id, title: id, needs: [], profile, steps };
    return unrecorded.length === 0 ? head : { ...head, unrecorded };
  });
}

/** One line of a trace. Throws `InputError`. */
export function readTraceLine(text: string, place: InputPlace): TraceLine {
  const { case: id, step, ...envelope } = parseAs(traceEnvelope, jsonOf(text, place), place);
  return { case: id, step, content: typedStep(envelope, place, '') };
}

function jsonOf(text: string, place: InputPlace): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`, place);
  }
}

function textOf(bytes: Uint8Array | string, source: string): string {
  if (typeof bytes === 'string') return bytes;
  const plain = isGzip(bytes) ? gunzip(bytes) : bytes;
  if (plain === null) throw new InputError('gzip data is cut off or damaged', { source });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    throw new InputError('neither gzip nor UTF-8 text', { source });
  }
}

function parentFolder(path: string): string {
  const folder = path.split('/').at(-2);
  if (folder !== undefined && folder !== '' && folder !== '.' && folder !== '..') return folder;
  throw new InputError('cannot tell the profile: it is the name of the parent folder, or given', {
    source: path,
  });
}
