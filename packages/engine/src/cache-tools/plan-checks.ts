import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { blobsOf, type CacheContents, type CacheRecord } from '../cache/cache-record.ts';
import type { BlobCheck } from './check-blob.ts';

/** Each blob once, with what is to be known of it. */
export function planChecks(contents: CacheContents): readonly BlobCheck[] {
  const { records, blobs } = contents;
  const made = new Set<string>(records.flatMap((record) => ('layer' in record ? [record.layer] : [])));
  const users = new Map<Digest, CacheRecord[]>();
  for (const record of records) {
    for (const digest of blobsOf(record)) {
      const own = users.get(digest) ?? [];
      users.set(digest, own);
      own.push(record);
    }
  }
  return [...users].flatMap(([digest, own]): BlobCheck[] => {
    const descriptor: Descriptor | undefined = blobs.get(digest);
    const [first] = own;
    if (descriptor === undefined || first === undefined) return [];
    const isPack = first.kind === 'mount' && first.blob !== digest;
    const what = isPack
      ? 'pack'
      : ({ blob: 'layer', listing: 'listing', mount: 'mount', exec: 'layer', copy: 'layer' } as const)[
          first.kind
        ];
    return [{ what, descriptor, users: own, isMade: (layer) => made.has(layer) }];
  });
}
