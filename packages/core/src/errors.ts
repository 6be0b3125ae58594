import { type ErrorCode, type ErrorKind, errorCatalog } from './error-catalog.ts';
import { redact } from './redact.ts';

/** A place in a text file; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** Last line of the thing, when it spans several. */
  readonly endLine?: number;
  /** The lines around the place, numbered and marked, ready to print. */
  readonly snippet?: string;
}

export interface FaultOptions {
  /** What to do next; replaces the catalog's remedy. */
  readonly hint?: string;
  readonly location?: SourceLocation;
  /** Facts by name for machines (registry, blob, step, exit code). Never secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** The one error type that crosses packages. Made by {@link fault}; secrets are removed when it is made. */
export class OneBuildError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly location: SourceLocation | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: FaultOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OneBuildError';
    this.code = code;
    this.hint = redact(options.hint ?? errorCatalog[code].remedy);
    this.location = redactLocation(options.location);
    this.details = Object.freeze(
      Object.fromEntries(
        Object.entries(options.details ?? {}).map(([k, v]) => [k, typeof v === 'string' ? redact(v) : v]),
      ),
    );
  }

  get kind(): ErrorKind {
    return errorCatalog[this.code].kind;
  }

  get retryable(): boolean {
    return errorCatalog[this.code].retryable;
  }
}

function redactLocation(location: SourceLocation | undefined): SourceLocation | undefined {
  if (location?.snippet === undefined) return location;
  return { ...location, snippet: redact(location.snippet) };
}

/** Makes an error of the catalog: `throw fault('MANIFEST_NOT_FOUND', 'no such tag', { details: { tag } })`. */
export function fault(code: ErrorCode, message: string, options: FaultOptions = {}): OneBuildError {
  return new OneBuildError(code, message, options);
}

export function isFault(error: unknown, ...codes: readonly ErrorCode[]): error is OneBuildError {
  return error instanceof OneBuildError && (codes.length === 0 || codes.includes(error.code));
}

/** The same error with one fact in front of its message; code, hint, place and details stay. */
export function withFact(error: unknown, fact: string): OneBuildError {
  const known = toFault(error);
  return new OneBuildError(known.code, `${fact}: ${known.message}`, {
    hint: known.hint,
    ...(known.location && { location: known.location }),
    details: known.details,
    cause: known.cause ?? error,
  });
}

/** The same error at a place, where it doesn't have one yet. */
export function withLocation(error: unknown, location: SourceLocation): OneBuildError {
  const known = toFault(error);
  if (known.location !== undefined) return known;
  return new OneBuildError(known.code, known.message, {
    hint: known.hint,
    location,
    details: known.details,
    cause: known.cause ?? error,
  });
}

const byErrno: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'FILE_ACCESS',
  EPERM: 'FILE_ACCESS',
  EROFS: 'FILE_ACCESS',
  ENOENT: 'FILE_ACCESS',
  ENOTDIR: 'FILE_ACCESS',
  EISDIR: 'FILE_ACCESS',
  EEXIST: 'FILE_ACCESS',
  ENOTEMPTY: 'FILE_ACCESS',
  ERR_FS_EISDIR: 'FILE_ACCESS',
  ELOOP: 'FILE_ACCESS',
  ENAMETOOLONG: 'FILE_ACCESS',
  EMFILE: 'FILE_ACCESS',
  ABORT_ERR: 'CANCELED',
};

const errnoWords: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no room left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'it exists already',
  ELOOP: 'it is a link that leads nowhere or in circles',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
};

/** What Node.js says of a system call, in words: `/etc/shadow: permission denied`. */
function describeErrno(error: Error, errno: string): string {
  const words = errnoWords[errno];
  // a message of our own says more
  if (words === undefined || !error.message.startsWith(`${errno}: `)) return error.message;
  const { path, dest } = error as { path?: unknown; dest?: unknown };
  const place = [path, dest].filter((part) => typeof part === 'string').join(' -> ');
  return place === '' ? words : `${place}: ${words}`;
}

/** Turns anything thrown into an error of the catalog; unknown faults become `INTERNAL`. For process edges. */
export function toFault(error: unknown): OneBuildError {
  if (error instanceof OneBuildError) return error;
  if (!(error instanceof Error)) return new OneBuildError('INTERNAL', String(error));
  const errno = (error as { code?: unknown }).code;
  const code =
    error.name === 'AbortError' ? 'CANCELED' : typeof errno === 'string' ? byErrno[errno] : undefined;
  const message = typeof errno === 'string' ? describeErrno(error, errno) : error.message;
  return new OneBuildError(code ?? 'INTERNAL', message, { cause: error });
}
