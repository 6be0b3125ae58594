import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from './registry-store.ts';

/** The hash of an upload's first `size` bytes. */
export interface UploadHash {
  readonly algorithm: DigestAlgorithm;
  readonly hash: Hash;
  size: number;
}

/** Sessions beyond this many cost reading their bytes again at the end. */
const kept = 4096;

/** Hashes of sessions between their requests. Losing one costs time, never correctness. */
export interface UploadHashes {
  put(id: string, state: UploadHash): void;
  /** Takes out the hash of a session that has `size` bytes. `algorithm` replaces another one while nothing is hashed. */
  take(id: string, size: number, algorithm?: DigestAlgorithm): UploadHash | undefined;
}

export function uploadHashes(): UploadHashes {
  const states = new Map<string, UploadHash>();
  return {
    put(id, state) {
      states.set(id, state);
      const oldest = states.size > kept ? states.keys().next().value : undefined;
      if (oldest !== undefined) states.delete(oldest);
    },
    take(id, size, algorithm) {
      const state = states.get(id);
      states.delete(id);
      if (size === 0) return startHash(algorithm ?? state?.algorithm ?? 'sha256');
      return state?.size === size ? state : undefined;
    },
  };
}

export function startHash(algorithm: DigestAlgorithm): UploadHash {
  return { algorithm, hash: createHash(algorithm), size: 0 };
}
