/** What two snapshots differ in, in words. */
import type { Snapshot } from './snapshot';

/** One sentence for each difference, in the order of `before`, then of what is new; empty when there is none. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const found: string[] = [];
  for (const [name, value] of before) {
    const now = after.get(name) ?? absent(name);
    if (now !== value) found.push(`${name}: ${value} at boot, ${now} now`);
  }
  for (const [name, value] of after) {
    if (!before.has(name) && value !== absent(name))
      found.push(`${name}: ${absent(name)} at boot, ${value} now`);
  }
  return found;
}

/** A kind of object that was never made counts as none. */
function absent(name: string): string {
  return name.startsWith('living ') ? '0' : 'absent';
}
