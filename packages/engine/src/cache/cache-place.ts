import type { Descriptor } from '@onebuild/oci';
import type { PushBlob, PushedBlob, Repository } from '@onebuild/registry/client';
import type { CacheContents } from './cache-record.ts';

/** How much a cache keeps when somebody writes to it. */
export interface CacheLimits {
  /** Most bytes of all blobs; what was not used for the longest time goes first. */
  readonly maxSize?: number;
  /** Days after which what nobody used goes. */
  readonly maxAgeDays?: number;
}

export interface AddOptions {
  readonly limits: CacheLimits;
  readonly signal: AbortSignal;
}

/** Where a cache lies: a reference of a registry, or a folder. Everybody may read and write at once. */
export interface CachePlace {
  /** For messages: `registry.example/app:onebuild-cache`, a path. */
  readonly name: string;
  /** Where blobs can be mounted from, in a registry. */
  readonly repository?: Repository;
  /**
   * What all builds that ended have written; undefined: nothing yet. `onBytes` is told what came over a network.
   * @throws CACHE_DAMAGED, REGISTRY_*, FILE_ACCESS, CANCELED
   */
  read(signal: AbortSignal, onBytes?: (bytes: number) => void): Promise<CacheContents | undefined>;
  /** Streams a blob; fails at its end where it is not what its digest says. */
  open(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Makes a blob be there. It stays as long as a record needs it. */
  put(
    blob: PushBlob,
    options: { readonly signal: AbortSignal; readonly mountFrom?: readonly string[] },
  ): Promise<PushedBlob>;
  /** Adds records whose blobs are there. None of what others add at the same time is lost, whoever is killed. */
  add(contents: CacheContents, options: AddOptions): Promise<void>;
  /** Replaces what is there by what `change` makes of it; for tools that prune. */
  rewrite(
    change: (contents: CacheContents) => CacheContents,
    options: { readonly signal: AbortSignal },
  ): Promise<void>;
}
