import { fault, isFault, type OneBuildError, toFault } from '@onebuild/core';

/** What a file call in the middle of a layer means to the user. */
export function layerFault(
  error: unknown,
  path: string,
  options: { readonly rootless: boolean },
): OneBuildError {
  if (isFault(error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return fault('TAR_INVALID', `the name is too long to be unpacked: ${path.slice(0, 200)}...`, {
      cause: error,
    });
  }
  if (options.rootless && code === 'EINVAL' && syscall?.endsWith('chown')) {
    return fault('ROOTLESS_UNAVAILABLE', `the owner of /${path} is outside the ids that this user has`, {
      hint: 'Give the user a range of 65536 ids in /etc/subuid and /etc/subgid, or build as root.',
      cause: error,
    });
  }
  return toFault(error);
}
