/** Short lists of steps that claims ask about and that are no case of the suite: designs may answer them differently. */
import type { Step } from '@iommu-lab/conformance';

export interface Probe {
  readonly steps: readonly (Step & {
    /** The name of the answer, where the claim asks for it. */
    readonly asked?: string;
  })[];
}

/** The domain of a second group. */
const OTHER = 'other';

export const PROBES: Readonly<Record<string, Probe>> = {
  'capability-of-a-group': {
    steps: [
      { op: 'port.claim', args: { group: 'mf', owner: 'a' } },
      { op: 'port.begin', args: { group: 'mf' }, out: { handle: 'h' } },
      {
        op: 'port.capable',
        args: { handle: 'h', domain: null, capability: 'isolated-msi' },
        asked: 'isolated-msi',
      },
      { op: 'port.end', args: { handle: 'h' } },
      { op: 'port.release', args: { group: 'mf', owner: 'a' } },
    ],
  },
  'move-of-a-group-that-nobody-owns': {
    steps: [
      { op: 'port.claim', args: { group: 'solo2', owner: 'b' } },
      { op: 'port.begin', args: { group: 'solo2' }, out: { handle: 'h2' } },
      { op: 'port.attachNew', args: { handle: 'h2' }, out: { id: OTHER } },
      { op: 'port.end', args: { handle: 'h2' } },
      { op: 'port.begin', args: { group: 'mf' }, out: { handle: 'h' } },
      { op: 'port.attachNew', args: { handle: 'h' }, out: { id: 'never' }, asked: 'on its default domain' },
      { op: 'port.claim', args: { group: 'mf', owner: 'a' } },
      { op: 'port.attachNew', args: { handle: 'h' }, out: { id: 'own' } },
      { op: 'port.release', args: { group: 'mf', owner: 'a' } },
      {
        op: 'port.move',
        args: { handle: 'h', from: 'own', to: OTHER },
        asked: 'after its owner has gone',
      },
      {
        op: 'port.move',
        args: { handle: 'h', from: OTHER, to: 'own' },
        asked: 'from a domain that it is not on',
      },
    ],
  },
};
