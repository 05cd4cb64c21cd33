/** What `show ID` says about one thing. */
import {
  type Case,
  profile as findProfile,
  type Profile,
  type Scenario,
  type Sought,
} from '@iommu-lab/conformance';
import {
  type DeclaredDifference,
  type EraFunctions,
  type EraId,
  eraFunctions,
  type Variant,
} from '@iommu-lab/kernel';
import { clausesOf } from '../../clauses';
import { wrap } from '../../terminal/width';
import { valueText } from '../differences';
import { counted, ranges } from '../tally-text';
import { stepHead } from '../trace/step-head';
import { type Fact, factLines } from './facts';

/** A design: what it stands for and what it asks of its caller. */
export function variantLines(variant: Variant, width: number): string[] {
  const { id, title, eras, defaultEra, supports, ports, preconditions, differs, sources } = variant;
  const { domain } = ports;
  const portList = Object.entries(ports).flatMap(([name, port]) => (port === undefined ? [] : [name]));
  const facts: Fact[] = [
    { name: 'variant', values: [id] },
    { name: 'title', values: [title] },
    { name: 'eras', values: [`${eras.join(', ')} (default ${defaultEra})`] },
    { name: 'ports', values: [portList.join(', ')] },
    { name: 'attaches', values: domain === undefined ? [] : [ATTACH_TIME[domain.attachTime]] },
    { name: 'supports', values: supports.length === 0 ? [] : [supports.join(', ')] },
    { name: 'preconditions', values: preconditions },
    { name: 'differs', values: differencesByCase(differs ?? []) },
    { name: 'sources', values: sources },
  ];
  return factLines(facts, width);
}

/** One line for each case and reason. */
function differencesByCase(differs: readonly DeclaredDifference[]): string[] {
  const byCase = new Map<
    string,
    { readonly id: string; readonly reason: string; readonly steps: number[] }
  >();
  for (const { case: id, step, reason } of differs) {
    const key = `${id} ${reason}`;
    const known = byCase.get(key);
    if (known === undefined) byCase.set(key, { id, reason, steps: [step] });
    else known.steps.push(step);
  }
  return [...byCase.values()].map(({ id, reason, steps }) => {
    const named = steps.length === 1 ? 'step' : 'steps';
    return `${id} ${named} ${ranges(steps.sort((a, b) => a - b))}: ${reason}`;
  });
}

const ATTACH_TIME = {
  container: 'when a group is in a container with an IOMMU',
  'device-fd': 'when the first descriptor of a device is asked for',
} as const;

/** A case: what it tests, and its steps with the answers that are expected. */
export function caseLines(one: Case, recorded: boolean, width: number): string[] {
  const { era, title } = findProfile(one.profile);
  const facts: Fact[] = [
    { name: 'workload', values: [one.id] },
    { name: 'title', values: one.title === one.id ? [] : [one.title] },
    { name: 'answers', values: [recorded ? `recorded: ${title}` : 'what the clause demands'] },
    { name: 'clauses', values: clausesOf(one).length === 0 ? [] : [clausesOf(one).join(', ')] },
    { name: 'profile', values: [`${one.profile} (kernel ${era})`] },
    { name: 'needs', values: one.needs.length === 0 ? [] : [one.needs.join(', ')] },
  ];
  const steps = one.steps.flatMap((step, index) => {
    const out = Object.entries(step.out ?? {}).map(([name, value]) => `${name}=${valueText(value)}`);
    return [
      ...stepHead(step, index, width),
      ...(out.length === 0 ? [] : wrap(`        out ${out.join(' ')}`, width, 12)),
    ];
  });
  return [...factLines(facts, width), '', ...steps];
}

/** A scenario: what is set up, and what its threads do. */
export function scenarioLines(scenario: Scenario, width: number): string[] {
  const { id, title, hazard, eras = {}, setup, threads, looksFor } = scenario;
  const judged = hazard?.varies === 'kernel' ? 'for each kernel' : 'for each design';
  const facts: Fact[] = [
    { name: 'scenario', values: [id] },
    { name: 'title', values: [title] },
    { name: 'hazard', values: hazard === undefined ? [] : [`${hazard.id}, judged ${judged}`] },
    { name: 'looks for', values: (looksFor ?? []).map(soughtText) },
    { name: 'profile', values: [`${scenario.profile} (kernel ${findProfile(scenario.profile).era})`] },
    { name: 'eras', values: Object.entries(eras).map(([era, note]) => `${era}: ${note}`) },
    { name: 'set-up', values: setup.flatMap((step, k) => stepHead(step, k, width)) },
    ...threads.map(({ name, process, steps }) => ({
      name: process === undefined ? name : `${name} (${process})`,
      values: steps.flatMap((step, k) => stepHead(step, k, width)),
    })),
  ];
  return factLines(facts, width);
}

function soughtText({ kind, object, says }: Sought): string {
  return [kind, says, object === undefined ? undefined : `of ${object}`].filter(Boolean).join(' ');
}

/** An era: which function of the model stands for this kernel's, by place. */
export function eraLines(id: EraId, width: number): string[] {
  const era = eraFunctions(id);
  const functions = Object.entries(era).filter(
    (entry): entry is [string, Named] => typeof entry[1] === 'function',
  );
  return factLines(
    [
      { name: 'era', values: [id] },
      { name: 'evidence', values: [EVIDENCE[era.evidence]] },
      ...functions.map(([name, chosen]) => ({ name, values: [nameOf(chosen)] })),
      { name: 'VT-d driver', values: Object.entries(era.intel).map(([name, value]) => `${name}: ${value}`) },
    ],
    width,
  );
}

interface Named {
  readonly name: string;
}

/** A bundler puts a number behind a name that stands twice in one file; none of ours ends in one. */
function nameOf({ name }: Named): string {
  return name.replace(/\d+$/, '');
}

const EVIDENCE: Readonly<Record<EraFunctions['evidence'], string>> = {
  recorded: 'recorded: recordings of this kernel are part of the suite',
  read: 'read: the source of this kernel was read, nothing was recorded',
};

/** A profile: the machine and the kernel of recordings. */
export function profileLines(profile: Profile, width: number): string[] {
  const { machine } = profile;
  const named = machine.functions.filter(({ name }) => name !== undefined);
  return factLines(
    [
      { name: 'profile', values: [profile.id] },
      { name: 'title', values: [profile.title] },
      { name: 'kernel', values: [`${profile.release} (era ${profile.era})`] },
      {
        name: 'memory',
        values: machine.ram.map(({ start, lengthBytes }) => `${start}, ${lengthBytes} bytes`),
      },
      { name: 'IOMMU', values: [unitText(machine.unit)] },
      { name: 'functions', values: [`${counted(machine.functions.length, 'PCI function')}, named:`] },
      { name: '', values: named.map(({ name, address, kind }) => `${name} ${address} ${kind}`) },
      {
        name: 'groups',
        values: Object.entries(profile.groups).map(
          ([name, { number, members }]) => `${name}: number ${number}, ${members.join(', ')}`,
        ),
      },
      { name: 'domain at boot', values: [profile.defaultDomain] },
      { name: 'modules', values: profile.modules.length === 0 ? [] : [profile.modules.join(', ')] },
    ],
    width,
  );
}

function unitText(unit: Profile['machine']['unit']): string {
  if (unit === null) return 'none';
  const behaviour = unit.behaviour === undefined ? '' : `, as ${unit.behaviour} behaves`;
  return `VT-d, CAP ${unit.capability}, ECAP ${unit.extendedCapability}${behaviour}`;
}
