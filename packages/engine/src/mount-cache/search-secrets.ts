import { encodePath } from '@onebuild/oci';
import { baseName, joinPath, parentPath } from '../tree/path.ts';

/** Shorter ones are found everywhere. */
const shortest = 6;

/** Looks for secrets in what would be saved. */
export interface SecretSearch {
  /** Whether `bytes` hold one. */
  inBytes(bytes: Uint8Array): boolean;
  /** Whether a name or the target of a link, in the form of `decodePath`, holds one. */
  inText(text: string): boolean;
  /** A path that may be shown. */
  blot(path: string): string;
  /** For a stream, part after part: whether one ends in this part, also one that began in parts before. */
  inStream(): (part: Uint8Array) => boolean;
}

/** @param secrets those of less than 6 bytes don't count, nor does white space at their ends, which files of secrets often have */
export function createSecretSearch(secrets: readonly Uint8Array[]): SecretSearch {
  const wanted = [...new Set(secrets.map((secret) => Buffer.from(secret).toString('latin1').trim()))]
    .map((secret) => Buffer.from(secret, 'latin1'))
    .filter(({ length }) => length >= shortest);
  const overlap = Math.max(0, ...wanted.map(({ length }) => length - 1));
  const inBytes = (bytes: Uint8Array): boolean => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return wanted.some((secret) => buffer.includes(secret));
  };
  const inText = (text: string) => wanted.length > 0 && inBytes(encodePath(text));
  return {
    inBytes,
    inText,
    blot: (path) => (inText(baseName(path)) ? joinPath(parentPath(path), '***') : path),
    inStream() {
      let tail = Buffer.alloc(0);
      return (part) => {
        if (overlap === 0) return false;
        const seam = Buffer.concat([tail, part.subarray(0, overlap)]);
        if (inBytes(seam) || inBytes(part)) return true;
        tail =
          part.length >= overlap
            ? Buffer.from(part.subarray(part.length - overlap))
            : seam.subarray(Math.max(0, seam.length - overlap));
        return false;
      };
    },
  };
}
