/**
 * What each variant must run: frontends, recorded profiles and files, and the skips that are allowed. A run that
 * compared nothing, or skipped more than this table allows, does not hold.
 */
import type { Skip } from '@iommu-lab/conformance';
import table from '../data/support.json';

export interface AllowedSkip {
  readonly variant: string;
  readonly case: string;
  readonly reason: string;
}

export interface SupportTable {
  readonly frontends: Readonly<Record<string, readonly string[]>>;
  /** Files by profile; every variant with frontend type1 must run them all. */
  readonly recordings: Readonly<Record<string, readonly string[]>>;
  readonly skips: readonly AllowedSkip[];
}

export const SUPPORT: SupportTable = table;

/** The skips that the table does not allow. */
export function disallowedSkips(skips: readonly Skip[]): Skip[] {
  return skips.filter(
    (skip) => !SUPPORT.skips.some((allowed) => allowed.case === skip.id && allowed.variant === skip.variant),
  );
}

/** Recordings that the table demands and a set of compared (profile, file) pairs lacks. */
export function missingRecordings(compared: ReadonlySet<string>): string[] {
  const demanded = Object.entries(SUPPORT.recordings).flatMap(([profile, files]) =>
    files.map((file) => `${profile}/${file}`),
  );
  return demanded.filter((path) => !compared.has(path));
}
