import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';

interface RecordCommon {
  /** The last day (since the Unix epoch) on which a build wrote or took it. */
  readonly used: number;
  /** Ed25519 over what the record says, base64; see `sign-record.ts`. */
  readonly sig?: string;
}

/** What an operation with this content key made. */
export interface ResultRecord extends RecordCommon {
  readonly kind: 'exec' | 'copy';
  /** The content key. */
  readonly key: Digest;
  /** Id of the layer; '' where nothing changed. */
  readonly layer: Digest | '';
  /** Milliseconds that it took where it ran. */
  readonly ms?: number;
}

/** The listing of a layer: id of one that was made by a build, diff id of one of a base. */
export interface ListingRecord extends RecordCommon {
  readonly kind: 'listing';
  readonly key: Digest;
  /** zstd of `encodeLayerIndex`. */
  readonly blob: Digest;
}

/** A layer as images hold it. */
export interface BlobRecord extends RecordCommon {
  readonly kind: 'blob';
  /** Id of the layer. */
  readonly key: Digest;
  /** Times, compression, level, version: what else decides over the bytes. */
  readonly form: string;
  readonly blob: Digest;
  readonly diffId: Digest;
}

/** The contents of a cache mount at one moment. */
export interface MountSnapshotRecord extends RecordCommon {
  readonly kind: 'mount';
  /** Name of the mount: `mountName`. */
  readonly key: string;
  /** The mount's id as the Dockerfile says it, for people. */
  readonly id: string;
  /** The listing of its files: see mount-cache. */
  readonly blob: Digest;
  /** What the listing's files are in. */
  readonly packs: readonly Digest[];
  /** Seconds since the Unix epoch. Of two snapshots of one mount the later one counts. */
  readonly at: number;
  /** Bytes of its files. */
  readonly bytes: number;
}

export type CacheRecord = ResultRecord | ListingRecord | BlobRecord | MountSnapshotRecord;

/** What one build paid for the cache, and what the cache spared it. Milliseconds and bytes. */
export interface CacheAccount {
  /** Seconds since the Unix epoch. */
  readonly at: number;
  /** Steps that were taken from the cache. */
  readonly hits: number;
  /** What they took when they ran. */
  readonly savedMs: number;
  /** Time to get records and listings. */
  readonly fetchMs: number;
  /** Time to get and unpack layers and mounts. */
  readonly restoreMs: number;
  readonly exportMs: number;
  readonly fetchedBytes: number;
  readonly sentBytes: number;
}

/** All that a cache holds. */
export interface CacheContents {
  readonly records: readonly CacheRecord[];
  /** Of every blob that records name. */
  readonly blobs: ReadonlyMap<Digest, Descriptor>;
  /** The latest builds that wrote, oldest first. */
  readonly accounts: readonly CacheAccount[];
}

/** Equal for records of which the cache keeps one. */
export function recordKey(record: CacheRecord): string {
  return record.kind === 'blob' ? `blob ${record.key} ${record.form}` : `${record.kind} ${record.key}`;
}

/** The blobs that a record needs. */
export function blobsOf(record: CacheRecord): readonly Digest[] {
  if (record.kind === 'mount') return [record.blob, ...record.packs];
  return 'blob' in record ? [record.blob] : [];
}
