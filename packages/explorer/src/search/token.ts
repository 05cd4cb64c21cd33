/**
 * A schedule in a few characters. The default policy lets a fiber run until it cannot go on, and then takes the lowest
 * one that can; a schedule is written as its deviations from that. A token survives small changes of the program: a
 * deviation to a fiber that cannot go on is ignored, and the replay says where it left the recorded way.
 */
import { UsageError } from '../usage-error';

/** At step `step`, `fiber` goes on instead of the one that the policy takes. */
export interface Deviation {
  readonly step: number;
  readonly fiber: number;
}

/** A parsed token. */
export interface Token {
  /** Six characters that stand for the program's id; see `programHash`. */
  readonly program: string;
  readonly deviations: readonly Deviation[];
}

const HASH_LENGTH = 6;
const DEVIATION = /^([0-9a-z]+)\.([0-9a-z]+)$/;

/** Six characters for a program's id: what a token names its program by. */
export function programHash(id: string): string {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b) ^ (low >>> 13);
  }
  const mixed = (high >>> 0) * 2 ** 16 + ((low >>> 0) & 0xffff);
  return mixed.toString(36).slice(-HASH_LENGTH).padStart(HASH_LENGTH, '0');
}

/** `v1:<program>:<step.fiber-...>`, numbers in base 36; no deviation at all is written `0`. */
export function formatToken(programId: string, deviations: readonly Deviation[]): string {
  const parts = deviations.map(({ step, fiber }) => `${step.toString(36)}.${fiber.toString(36)}`);
  return `v1:${programHash(programId)}:${parts.length === 0 ? '0' : parts.join('-')}`;
}

/** @throws UsageError saying which part is wrong. */
export function parseToken(text: string): Token {
  const [version, program, parts, ...more] = text.split(':');
  if (version !== 'v1' || program === undefined || parts === undefined || more.length > 0) {
    throw new UsageError(`token "${text}": expected v1:<scenario>:<deviations>`);
  }
  if (!/^[0-9a-z]{6}$/.test(program)) {
    throw new UsageError(
      `token "${text}": expected six letters or digits for the scenario, got "${program}"`,
    );
  }
  const deviations = parts === '0' ? [] : parts.split('-').map((part) => parseDeviation(part, text));
  return { program, deviations };
}

function parseDeviation(part: string, text: string): Deviation {
  const match = DEVIATION.exec(part);
  if (match === null) throw new UsageError(`token "${text}": expected step.fiber, got "${part}"`);
  return { step: Number.parseInt(match[1] as string, 36), fiber: Number.parseInt(match[2] as string, 36) };
}
