/**
 * The recordings that come with the suite, for use without a file system.
 *
 * data/recordings.json holds the gzip files of data/recordings/ as base64; a script writes it, a test compares.
 */
import packed from '../data/recordings.json';
import type { Case } from './grammar/case';
import { readTrace } from './trace/read';

export interface Recording {
  readonly profile: string;
  /** The file's name without its suffixes: `map`. */
  readonly file: string;
  /** Unpacked and parsed when first asked for. */
  readonly cases: readonly Case[];
}

/** All recordings, by profile and file. */
export function recordings(): Recording[] {
  return Object.entries(packed).map(([path, base64]) => new PackedRecording(path, base64));
}

class PackedRecording implements Recording {
  readonly profile: string;
  readonly file: string;
  readonly #path: string;
  readonly #base64: string;
  #cases: readonly Case[] | undefined;

  constructor(path: string, base64: string) {
    const [profile = '', file = ''] = path.split('/');
    this.profile = profile;
    this.file = file;
    this.#path = path;
    this.#base64 = base64;
  }

  get cases(): readonly Case[] {
    const bytes = () => Uint8Array.from(atob(this.#base64), (character) => character.charCodeAt(0));
    this.#cases ??= readTrace(bytes(), { name: this.#path, profile: this.profile });
    return this.#cases;
  }
}
