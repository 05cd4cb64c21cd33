/**
 * The closed set of errno names that the project uses, with Linux's numbers.
 *
 * Calls of the people's interface answer with the name; calls on integers answer with the negated number.
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  ERANGE: 34,
  EDEADLK: 35,
  EOVERFLOW: 75,
  EBADFD: 77,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EPROBE_DEFER: 517,
} as const;

/** An errno name as a value. */
export type Errno = keyof typeof ERRNO;

const NAMES: ReadonlyMap<number, Errno> = new Map(
  (Object.keys(ERRNO) as Errno[]).map((name) => [ERRNO[name], name]),
);

/** Whether `value` is one of the errno names. */
export function isErrno(value: unknown): value is Errno {
  return typeof value === 'string' && Object.hasOwn(ERRNO, value);
}

/** The name of a negated errno number: -22 is `EINVAL`. TypeError for a number that is none of the set. */
export function errnoName(negative: number): Errno {
  const name = NAMES.get(-negative);
  if (name === undefined) throw new TypeError(`${negative} is not a negated errno number`);
  return name;
}
