/**
 * Loads everything that paths stand for before anything is compared. What cannot be loaded is set aside with the reason
 * and does not keep the rest from being compared.
 */
import { resolve } from 'node:path';
import { InputError } from '@iommu-lab/conformance';
import { FileError } from '../file-error';
import { findFiles, readBytes } from './find';

export interface Loaded<T> {
  readonly files: readonly { readonly path: string; readonly content: T }[];
  readonly refused: readonly Refused[];
}

export interface Refused {
  readonly path: string;
  /** One line that begins with the place. */
  readonly message: string;
}

/** Reads each file once with `read`, which gets its bytes, its path as given and its absolute path. */
export function loadAll<T>(
  paths: readonly string[],
  current: string,
  read: (bytes: Uint8Array, path: string, absolute: string) => T,
): Loaded<T> {
  const files: { path: string; content: T }[] = [];
  const refused: Refused[] = [];
  const seen = new Set<string>();
  /** Runs `body`; bad input becomes a refusal. */
  const attempt = (path: string, body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof InputError || error instanceof FileError)) throw error;
      refused.push({ path, message: error.message });
    }
  };
  for (const given of paths) {
    let found: string[] = [];
    attempt(given, () => {
      found = findFiles(given, current);
    });
    for (const path of found) {
      const absolute = resolve(current, path);
      if (seen.has(absolute)) continue;
      seen.add(absolute);
      attempt(path, () => files.push({ path, content: read(readBytes(path, current), path, absolute) }));
    }
  }
  return { files, refused };
}
