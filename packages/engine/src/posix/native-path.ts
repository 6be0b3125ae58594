import { encodePath } from '@onebuild/oci';

/** A path as the kernel takes it: text, or bytes where the name is not UTF-8. */
export type NativePath = string | Buffer;

/** `path` (in the form of oci's `decodePath`) for Node's file functions and for `Posix`. */
export function nativePath(path: string): NativePath {
  return path.isWellFormed() ? path : Buffer.from(encodePath(path));
}
