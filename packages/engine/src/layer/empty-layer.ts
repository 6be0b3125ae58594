import { indexDigest } from '@onebuild/oci';

/** The name of a layer that changes nothing; images leave it out. */
export const emptyLayer = indexDigest({ entries: [] });
