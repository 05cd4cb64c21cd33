/** Picks cases by their ids, as `--case GLOB` does. */
import { InputError } from './input-error';

interface Named {
  readonly id: string;
  readonly profile?: string;
}

/**
 * The cases of which the id, or `profile/id`, matches: `*` stands for any characters, `/` included, `?` for one. Throws
 * `InputError` where none does, naming the ids there are: a run that compared nothing must not pass for one that holds.
 * `option` is where the pattern was read.
 */
export function selectCases<C extends Named>(cases: readonly C[], glob: string, option = '--case'): C[] {
  const pattern = new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  const selected = cases.filter(
    ({ id, profile }) => pattern.test(id) || (profile !== undefined && pattern.test(`${profile}/${id}`)),
  );
  if (selected.length > 0) return selected;
  throw new InputError(`no case has an id like "${glob}"; ${known(cases)}`, { source: option });
}

function known(cases: readonly Named[]): string {
  if (cases.length === 0) return 'there are no cases';
  const ids = [...new Set(cases.map(({ id }) => id))];
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  return `there are: ${ids.slice(0, 5).join(', ')}${more}`;
}
