/** The JSON Schema files are what the grammar says. After a change: `pnpm run schemas`. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { describe, expect, it } from 'vitest';
import { type DocumentName, documentSchemas } from '../src/grammar/documents';
import { answer, givenNames } from '../src/grammar/parse-step';
import * as values from '../src/grammar/values';

const TITLES: Record<DocumentName, string> = {
  'trace-line': 'One line of a recorded trace (JSON Lines)',
  case: 'A case: steps with expectations',
  workload: 'A workload: steps without expectations',
  scenario: 'A scenario: set-up steps and threads of steps',
  profile: 'The machine and kernel that recordings were made on',
  results: 'results.json, version 1',
  'verify-report': 'What verify --json prints',
  'explore-report': 'What explore --json prints',
  'traffic-report': 'What show traffic --json prints',
};

/** What is used so often that it is written once and referred to. */
const definitions = {
  hexNumber: values.hexNumber,
  dmaAddress: values.dmaAddress,
  pciAddress: values.pciAddress,
  uint32: values.uint32,
  name: values.name,
  descriptor: values.descriptor,
  deviceLabel: values.deviceLabel,
  groupLabel: values.groupLabel,
  givenNames,
  returnValue: answer.ret,
  errnoOrNull: answer.errno,
};

/** The document of one schema, with the definitions that it refers to and no others. */
function jsonSchemaText(name: DocumentName): string {
  const options = { definitions, target: 'draft-2020-12' } as const;
  const { $schema, $defs: all = {}, ...body } = toJsonSchema(documentSchemas[name], options);
  const text = JSON.stringify(body);
  const used = Object.entries(all).filter(([key]) => text.includes(`"#/$defs/${key}"`));
  const document = { $schema, title: TITLES[name], ...body, $defs: Object.fromEntries(used) };
  return `${JSON.stringify(document, null, 2)}\n`;
}

describe('JSON Schema', () => {
  it.each(Object.keys(documentSchemas) as DocumentName[])('%s is up to date', async (name) => {
    await expect(jsonSchemaText(name)).toMatchFileSnapshot(`../schema/${name}.schema.json`);
  });
});
