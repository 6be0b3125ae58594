import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { mountDamaged } from './mount-damaged.ts';
import { mountLimits } from './mount-listing.ts';

/** Bytes of a listing as the blob that is stored. */
export function packMountListing(listing: Uint8Array): Promise<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: 6, [constants.ZSTD_c_checksumFlag]: 1 };
  return new Promise((resolve, reject) => {
    zstdCompress(listing, { params, pledgedSrcSize: listing.length }, (error, blob) =>
      error ? reject(error) : resolve(blob),
    );
  });
}

/** The listing in a stored blob. @throws CACHE_DAMAGED where it is none, or is larger than a listing may be */
export function unpackMountListing(blob: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    zstdDecompress(blob, { maxOutputLength: mountLimits.listing }, (error, listing) =>
      error ? reject(mountDamaged('its listing cannot be unpacked', error)) : resolve(listing),
    );
  });
}
