/** `verify`: holds the model against recorded reality that the user brings. */
import { UsageError } from '../usage-error';
import type { Verb } from '../verb';
import { verifyTraceFiles } from './verify-traces';
import { verifyVectorFiles } from './verify-vectors';

export const verifyVerb: Verb = {
  name: 'verify',
  parameters: '<kind> <path> [...paths]',
  usage: 'verify traces|vectors PATH...',
  summary: 'Holds the model against files of yours',
  options: [
    { flag: '--variant <ids>', text: 'traces: these designs, separated by commas, or "all" (the default)' },
    {
      flag: '--profile <id>',
      text: "traces: the machine and kernel (default: the name of each file's folder)",
    },
    { flag: '--json', text: 'print a report as JSON, and nothing else' },
  ],
  notes: [
    'traces: recordings of VFIO calls, against the designs. vectors: page-table entries and walks, against the machine.',
    'A PATH is a file, or a folder that is searched for .jsonl and .jsonl.gz. All files are read before anything is' +
      ' compared. One that cannot be read is reported and left out; the others are compared and reported all the same,' +
      ' and the exit status is 3. In the JSON report it has an entry under "skips", with its path as the id and no' +
      ' steps counted.',
    'Nothing to compare is no success: an empty folder is an error, and a run that skipped everything does not hold.',
  ],
  examples: [
    'iommu-lab verify traces recordings/debian-6.12-intel',
    'iommu-lab verify traces map.jsonl.gz --profile debian-6.1-intel',
    'iommu-lab verify vectors vectors/',
  ],
  run(invocation) {
    const [kind, ...paths] = invocation.positionals;
    if (kind !== 'traces' && kind !== 'vectors') {
      throw new UsageError(`verify knows traces and vectors, not "${kind}"`);
    }
    return kind === 'traces' ? verifyTraceFiles(invocation, paths) : verifyVectorFiles(invocation, paths);
  },
};
