import { type ErrorKind, isFault } from '@onebuild/core';

/** Exit code of the process by the kind of its error. Codes never change their meaning; scripts rely on them. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = Object.freeze({
  build: 1,
  usage: 2,
  input: 3,
  auth: 4,
  'not-found': 5,
  network: 6,
  corrupt: 7,
  environment: 8,
  conflict: 9,
  internal: 70,
  canceled: 130,
});

/** What each exit code says, for help and docs. */
export const exitCodeMeanings: Readonly<Record<ErrorKind, string>> = Object.freeze({
  build: 'a step of the build failed, or `--check`, `lint` or `cache verify` found something',
  usage: 'the command line is wrong',
  input: 'a file of yours (Dockerfile, context, config) is wrong',
  auth: 'credentials are missing, wrong or not enough',
  'not-found': 'a thing that was named is not there',
  network: 'a peer could not be reached or broke off',
  corrupt: 'bytes do not match their digest, size or format',
  environment: 'this machine lacks something; see `onebuild doctor`',
  conflict: 'somebody else holds or changed it; try again',
  internal: 'a defect of OneBuild; please report it',
  canceled: 'canceled (Ctrl-C; 143 after SIGTERM, 129 after SIGHUP)',
});

export function exitCodeOf(error: unknown): number {
  return isFault(error) ? exitCodes[error.kind] : exitCodes.internal;
}
