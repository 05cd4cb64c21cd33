/**
 * The profiles that come with the suite. A new one is a file in profiles/ and a line here; its id is the name of the
 * folder that its recordings lie in.
 */
import debian510Intel from '../profiles/debian-5.10-intel.json';
import debian510IntelPt from '../profiles/debian-5.10-intel-pt.json';
import debian61Intel from '../profiles/debian-6.1-intel.json';
import debian61IntelPt from '../profiles/debian-6.1-intel-pt.json';
import debian612Intel from '../profiles/debian-6.12-intel.json';
import debian612IntelPt from '../profiles/debian-6.12-intel-pt.json';
import debian72Intel from '../profiles/debian-7.2-intel.json';
import debian72IntelPt from '../profiles/debian-7.2-intel-pt.json';
import read202202Intel from '../profiles/read-2022-02-intel.json';
import { type Profile, parseProfile } from './grammar/profile';
import { InputError } from './input-error';

const PROFILES: readonly { readonly id: string; readonly json: unknown }[] = [
  { id: 'debian-5.10-intel', json: debian510Intel },
  { id: 'debian-5.10-intel-pt', json: debian510IntelPt },
  { id: 'debian-6.1-intel', json: debian61Intel },
  { id: 'debian-6.1-intel-pt', json: debian61IntelPt },
  { id: 'debian-6.12-intel', json: debian612Intel },
  { id: 'debian-6.12-intel-pt', json: debian612IntelPt },
  { id: 'debian-7.2-intel', json: debian72Intel },
  { id: 'debian-7.2-intel-pt', json: debian72IntelPt },
  { id: 'read-2022-02-intel', json: read202202Intel },
];

export function profileIds(): string[] {
  return PROFILES.map(({ id }) => id);
}

/** The profile of that id. `source` is where the id was read, for the `InputError` where there is no such profile. */
export function profile(id: string, source = '--profile'): Profile {
  const found = PROFILES.find((each) => each.id === id);
  if (found !== undefined) return parseProfile(found.json, `profiles/${id}.json`);
  throw new InputError(`unknown profile "${id}"; there are: ${profileIds().join(', ')}`, { source });
}

/**
 * The profile of another kernel on the same machine: what was recorded with the same set-up. `source` is who asks, for
 * the `InputError` where no such kernel was recorded.
 */
export function profileOfEra(profile: Profile, era: string, source: string): Profile {
  if (profile.era === era) return profile;
  const all = PROFILES.map(({ id, json }) => parseProfile(json, `profiles/${id}.json`));
  const found = all.find((each) => each.era === era && each.releaseProfile === profile.releaseProfile);
  if (found !== undefined) return found;
  throw new InputError(`no kernel of era ${era} was recorded on the machine of ${profile.id}`, { source });
}

/** The group number of each labelled device that is in a labelled group. */
export function groupNumbersByMember(profile: Profile): Record<string, number> {
  return Object.fromEntries(
    Object.values(profile.groups).flatMap(({ number, members }) => members.map((member) => [member, number])),
  );
}
