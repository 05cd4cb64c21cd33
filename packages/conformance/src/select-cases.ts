/** Picks cases by their ids, as `--case GLOB` does. */
import { InputError } from './input-error';

/**
 * The cases whose id matches: `*` stands for any characters, `/` included, `?` for one. Throws `InputError` where none
 * does, naming the ids there are: a run that compared nothing must not pass for one that holds.
 */
export function selectCases<C extends { readonly id: string }>(cases: readonly C[], glob: string): C[] {
  const pattern = new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  const selected = cases.filter(({ id }) => pattern.test(id));
  if (selected.length > 0) return selected;
  throw new InputError(`no case has an id like "${glob}"; ${known(cases)}`, { source: '--case' });
}

function known(cases: readonly { readonly id: string }[]): string {
  if (cases.length === 0) return 'there are no cases';
  const ids = cases.map(({ id }) => id);
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  return `there are: ${ids.slice(0, 5).join(', ')}${more}`;
}
