/** A file or folder could not be read or written. The message is one line that begins with its path. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'is there already and is not a folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
};

/** The error of a call of `node:fs` on `path`, in words. Anything that is no such error is returned as it is. */
export function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const code = String(error.code);
  return new FileError(path, REASONS[code] ?? code);
}
