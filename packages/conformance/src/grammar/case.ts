/** A case: a workload with expectations, a clause and needs. A recorded trace is one whose answers a kernel gave. */
import * as v from 'valibot';
import type { UnrecordedClose } from '../trace/unrecorded-closes';
import { parseAs } from './parse-as';
import { parseStep } from './parse-step';
import type { Step } from './step';
import { flag } from './values';
import { head } from './workload';

export interface CaseExpectations {
  /**
   * Whether, after `end`, pins, locked memory, references, owners, domains and table pages must be as at boot.
   * Absent: yes. A case that leaves a dead kernel behind says false.
   */
  readonly audit?: boolean;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** The clause of docs/semantics.md that it checks, such as `S-4.2`. Recorded cases have none. */
  readonly clause?: string;
  /** Features without which it cannot run: then it is skipped, with the feature as the reason. */
  readonly needs: readonly string[];
  readonly profile: string;
  readonly steps: readonly Step[];
  readonly expect?: CaseExpectations;
  /** What the recorder of a recorded case did between its steps. */
  readonly unrecorded?: readonly UnrecordedClose[];
}

export const caseHead = {
  ...head,
  clause: v.exactOptional(
    v.pipe(
      v.string('expected a clause like "S-4.2"'),
      v.regex(/^S-[0-9]+(?:\.[0-9]+)*$/, 'expected a clause like "S-4.2"'),
    ),
  ),
  expect: v.exactOptional(v.strictObject({ audit: v.exactOptional(flag) })),
};

const document = v.strictObject({ ...caseHead, steps: v.array(v.unknown()) });

const documents = v.array(v.unknown());

/** The case that the JSON value describes. `source` names its file in errors. Throws `InputError`. */
export function parseCase(json: unknown, source: string): Case {
  return caseAt(json, source, '');
}

/** The cases of a JSON array. Throws `InputError`. */
export function parseCases(json: unknown, source: string): Case[] {
  return parseAs(documents, json, { source }).map((each, k) => caseAt(each, source, `[${k}]`));
}

function caseAt(json: unknown, source: string, prefix: string): Case {
  const place = { source };
  const { steps, ...rest } = parseAs(document, json, place, prefix);
  const steps_ = prefix === '' ? 'steps' : `${prefix}.steps`;
  return { ...rest, steps: steps.map((step, k) => parseStep(step, place, `${steps_}[${k}]`)) };
}
