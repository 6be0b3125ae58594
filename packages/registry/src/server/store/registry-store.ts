import type { Readable } from 'node:stream';
import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';

/**
 * What the distribution API is served from. Repository names, tags, digests and upload ids that come in here keep
 * their grammars (`names.ts`); whoever calls has checked them. Content belongs to repositories: a blob or manifest of
 * one is not there for another until it is mounted or pushed.
 *
 * Calls fail with DISK_FULL and FILE_ACCESS; what isn't there is an answer, not a fault.
 */
export interface RegistryStore {
  readonly blobs: BlobShelf;
  readonly uploads: UploadDesk;
  readonly manifests: ManifestShelf;
  /** Names of the repositories that hold a manifest, in ASCII order. */
  repositories(): Promise<readonly string[]>;
  /** Whether anything was ever pushed to the repository. */
  hasRepository(repository: string): Promise<boolean>;
}

export interface BlobShelf {
  /** Bytes, or undefined. Whoever asks is taken to need the blob: collection of garbage spares it for its time of grace. */
  size(repository: string, digest: Digest): Promise<number | undefined>;
  open(repository: string, digest: Digest): Promise<OpenBlob | undefined>;
  /** Makes a blob of `from`, or of any repository, be one of `repository`. False where it isn't there. */
  mount(repository: string, digest: Digest, from?: string): Promise<boolean>;
  /** False where it wasn't there. */
  delete(repository: string, digest: Digest): Promise<boolean>;
}

export interface OpenBlob {
  readonly size: number;
  /** Bytes `start` to `end`, both inclusive. Ends the blob's use: closes it when done, broken off or destroyed. */
  stream(start: number, end: number): Readable;
  close(): Promise<void>;
}

/** Algorithms that content can be addressed by. */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** Uploads on their way: sessions that last over requests, lost connections and restarts. */
export interface UploadDesk {
  /** `algorithm` is what the digest will probably be of; another one costs reading the bytes again. Gives the session's id. */
  create(repository: string, algorithm: DigestAlgorithm): Promise<string>;
  /** Bytes that arrived, or undefined where there is no such session. */
  size(repository: string, id: string): Promise<number | undefined>;
  /**
   * Takes the session for one writer. `busy` while another request, here or in another process, writes to it.
   * `algorithm`, where it is known by now, replaces the one from `create`.
   */
  open(
    repository: string,
    id: string,
    options?: { readonly algorithm?: DigestAlgorithm },
  ): Promise<UploadWriter | 'busy' | undefined>;
  /** Removes (or with `dryRun` counts) sessions that nothing was written to for so long; gives how many. */
  expire(olderThanMs: number, options?: { readonly dryRun?: boolean }): Promise<number>;
}

/** One session in the hands of one writer, until `close`. */
export interface UploadWriter {
  /** Bytes so far. */
  readonly size: number;
  /** Adds everything the source gives. What arrived before a fault of the source stays. Gives the bytes added. */
  append(source: AsyncIterable<Uint8Array>): Promise<number>;
  /** Back to the first `size` bytes. */
  truncate(size: number): Promise<void>;
  /** Makes the bytes a blob of the repository and ends the session; false, and the session gone, where the digest isn't theirs. */
  commit(digest: Digest): Promise<boolean>;
  /** Ends the session and forgets its bytes. */
  discard(): Promise<void>;
  /** Hands the session back. Safe after `commit` and `discard`. */
  close(): Promise<void>;
}

export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A manifest to keep, as `parsePushedManifest` understood it. */
export interface NewManifest extends StoredManifest {
  readonly tags: readonly string[];
  /** Blobs that must be in the repository. */
  readonly blobs: readonly Digest[];
  /** Children of an index; each must be in the repository, as a manifest or a blob. */
  readonly children: readonly Digest[];
  /** What it refers to, and how it shows in the list of that one's referrers. */
  readonly subject?: { readonly digest: Digest; readonly referrer: Descriptor };
}

export interface ManifestShelf {
  get(repository: string, digest: Digest): Promise<StoredManifest | undefined>;
  /** What a tag points at. */
  resolve(repository: string, tag: string): Promise<Digest | undefined>;
  /** Stores it, then points the tags at it. Gives the digests that are missing; with any, nothing happened. */
  put(repository: string, manifest: NewManifest): Promise<readonly Digest[]>;
  /** Removes it and the tags that point at it. False where it wasn't there. */
  delete(repository: string, digest: Digest): Promise<boolean>;
  deleteTag(repository: string, tag: string): Promise<boolean>;
  /** In ASCII order. */
  tags(repository: string): Promise<readonly string[]>;
  /** Manifests of the repository whose subject is `digest`, by digest. */
  referrers(repository: string, digest: Digest): Promise<readonly Descriptor[]>;
}
