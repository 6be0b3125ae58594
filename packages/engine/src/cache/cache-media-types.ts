/** Media types of a cache and of what it holds; layers have those of the OCI image spec. See docs/cache-format.md. */
export const cacheTypes = Object.freeze({
  /** `artifactType` of the manifest. */
  artifact: 'application/vnd.onebuild.cache.v1',
  /** The records: see `cache-document.ts`. */
  config: 'application/vnd.onebuild.cache.config.v1+json',
  /** zstd of `encodeLayerIndex`. */
  listing: 'application/vnd.onebuild.cache.listing.v1+zstd',
  /** The listing of a cache mount. */
  mount: 'application/vnd.onebuild.cache.mount.v1+zstd',
  /** Chunks of a cache mount's files. */
  pack: 'application/vnd.onebuild.cache.pack.v1',
});
