import { fault } from '@onebuild/core';

/** CONTEXT_READ for a failure to read `path` of the context. */
export function contextFault(error: unknown, path: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  // what follows is the path that the kernel was asked for, which may be a descriptor's
  const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : message.split(',', 1)[0];
  return fault('CONTEXT_READ', `${JSON.stringify(path || '.')} of the build context cannot be read: ${why}`, {
    cause: error,
    details: { path, ...(code && { errno: code }) },
  });
}
