/** A walk through the thread in six steps, for docs/thread.md: what was asked, what shows it, which claims it decides. */
import { JUDGED_CLAIMS } from '@iommu-lab/comparison';

interface Stop {
  readonly title: string;
  readonly text: string;
  /** Arguments of `iommu-lab`; `{token}` stands for the first token of the first claim. */
  readonly commands: readonly string[];
  readonly claims: readonly string[];
}

const STOPS: readonly Stop[] = [
  {
    title: 'The question',
    text: 'VFIO wants an address space for a group. With an interface that takes a device it picks one of the members. Between picking and using it the member can be unplugged: what keeps it? Look at the search, then step through the schedule that it found.',
    commands: ['explore set-iommu-vs-remove-undriven-member --variant device/raw', 'replay {token}'],
    claims: ['CL-06'],
  },
  {
    title: 'Is it the look-up of the group?',
    text: 'One objection: VFIO has the group already and need not ask the device for it. What is left when the look-up is taken out, and what when VFIO picks among its own devices only?',
    commands: ['explore set-iommu-vs-remove-oldest-member --variant device/raw'],
    claims: ['CL-25', 'CL-36'],
  },
  {
    title: 'Pin it',
    text: 'A registered device can be pinned, and unregistering waits for the pin. Does that make every order safe, and for how long does an unplug wait under a wide pin and under a narrow one?',
    commands: ['explore set-iommu-vs-remove-newest-member --variant device/pinned,device/passed-in'],
    claims: ['CL-12', 'CL-21'],
  },
  {
    title: 'Let the core find a device',
    text: 'Allocating from the group, the core finds a device under the lock of the group. Is that lock enough, and would a reference to the group have done?',
    commands: [
      'explore set-iommu-vs-bridge-removal --variant group-alloc/one-step',
      'explore set-iommu-vs-remove-oldest-member --variant group-alloc/two-step,group-alloc/one-step',
    ],
    claims: ['CL-08', 'CL-24'],
  },
  {
    title: 'Without an unplug',
    text: 'As long as nothing is unplugged, do the designs answer alike? The table shows what else they differ in: what they call, what they hold, and how a group comes from one domain to another.',
    commands: ['compare', 'show traffic'],
    claims: ['CL-23', 'CL-16', 'CL-04'],
  },
  {
    title: 'What Linux does',
    text: 'Linux allocates inside the group iterator, which needed no new function. Is that the same, and what must its callback not do?',
    commands: [
      'explore set-iommu-vs-remove-oldest-member --variant group-alloc/iterator',
      'show group-alloc/iterator',
    ],
    claims: ['CL-29', 'CL-22'],
  },
];

/** The section, in markdown. Every claim that it names must be judged. @throws Error for one that is not */
export function walk(): string[] {
  return [
    '## A walk in six steps',
    '',
    ...STOPS.flatMap(({ title, text, commands, claims }, at) => [
      `${at + 1}. **${title}${title.endsWith('?') ? '' : '.'}** ${text}`,
      '',
      '   ```console',
      ...commands.map((command) => `   $ npx iommu-lab ${withToken(command, claims[0] as string)}`),
      '   ```',
      '',
      `   ${claims.map(verdictOf).join('; ')}.`,
      '',
    ]),
  ];
}

function latest(id: string) {
  const found = JUDGED_CLAIMS.findLast(({ claim }) => claim === id);
  if (found === undefined) throw new Error(`the walk names ${id}, which is not judged`);
  return found;
}

function verdictOf(id: string): string {
  const { era, verdict } = latest(id);
  return `[${id}](#${id.toLowerCase()}): ${verdict} at ${era}`;
}

function withToken(command: string, claim: string): string {
  if (!command.includes('{token}')) return command;
  const [token] = latest(claim).tokens;
  if (token === undefined) throw new Error(`the walk steps through a schedule of ${claim}, which has none`);
  return command.replace('{token}', token);
}
