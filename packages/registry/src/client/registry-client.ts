import type { Digest } from '@onebuild/core';
import type { Descriptor, Reference } from '@onebuild/oci';
import type { Purpose } from './credentials/credential-source.ts';

/** A repository in a registry, without tag or digest. */
export type Repository = Pick<Reference, 'registry' | 'repository'>;

/** Bytes of a manifest or index together with what points at them. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface TagsOptions extends CallOptions {
  /** Only tags that come after this text in ASCII order, whether it is a tag or not. Some registries give all tags in spite of it. */
  readonly after?: string;
}

export interface TransferOptions extends CallOptions {
  /** Called with the bytes moved so far; may go back to a lower number when an upload starts over. */
  readonly onProgress?: (bytes: number) => void;
}

/** Content to push. `open` may be called again, from another offset, when a transfer is retried. */
export interface PushBlob {
  readonly descriptor: Descriptor;
  open(offset: number): AsyncIterable<Uint8Array>;
}

export interface PushedBlob {
  /** `exists`: it was there; `mounted`: taken from another repository of the registry; `sent`: its bytes went over. */
  readonly how: 'exists' | 'mounted' | 'sent';
  readonly sentBytes: number;
}

/**
 * Client of the OCI distribution API, spec 1.1. Every answer is verified (digest, size) while it streams; calls are
 * retried within the client's budget where that is safe.
 *
 * All calls throw REGISTRY_*, MANIFEST_*, BLOB_NOT_FOUND, DIGEST_MISMATCH or CANCELED; messages name the registry,
 * the repository and the thing.
 */
export interface RegistryClient {
  /**
   * Digest, size and media type of what a reference names now. Throws MANIFEST_NOT_FOUND.
   * `purpose: 'push'` asks the registry itself, no mirror, with the rights of who pushes there.
   */
  resolve(reference: Reference, options?: CallOptions & { readonly purpose?: Purpose }): Promise<Descriptor>;
  /** `purpose` as with {@link RegistryClient.resolve}. */
  manifest(
    reference: Reference,
    options?: CallOptions & { readonly purpose?: Purpose },
  ): Promise<FetchedManifest>;
  /** Streams a blob from `offset`; resumes by itself after a break; the stream fails when digest or size are wrong at its end (offset 0). */
  blob(
    repository: Repository,
    descriptor: Descriptor,
    options?: TransferOptions & { readonly offset?: number },
  ): AsyncIterable<Uint8Array>;
  hasBlob(repository: Repository, digest: Digest, options?: CallOptions): Promise<boolean>;
  /**
   * Makes a blob be in `repository`: mounts it from `mountFrom` (repositories of the same registry), which also finds what is there; else looks,
   * then sends. Without `look` it is sent unseen: for one that was just made.
   */
  pushBlob(
    repository: Repository,
    blob: PushBlob,
    options?: TransferOptions & { readonly mountFrom?: readonly string[]; readonly look?: boolean },
  ): Promise<PushedBlob>;
  /** Puts a manifest under its digest, or under `tag`. */
  pushManifest(
    repository: Repository,
    manifest: { readonly bytes: Uint8Array; readonly mediaType: string; readonly tag?: string },
    options?: CallOptions,
  ): Promise<Descriptor>;
  tags(repository: Repository, options?: TagsOptions): AsyncIterable<string>;
  referrers(
    repository: Repository,
    digest: Digest,
    options?: CallOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]>;
  deleteManifest(reference: Reference, options?: CallOptions): Promise<void>;
  /** Ends idle connections. */
  close(): void;
}
