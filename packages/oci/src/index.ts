export { canonicalJson, encodeJson } from './canonical-json.ts';
export { comparePaths, sortByPath } from './compare-paths.ts';
export type { Descriptor } from './descriptor.ts';
export { digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts';
export { type Addition, appendLayers } from './image/append-layers.ts';
export { consistentHistory } from './image/consistent-history.ts';
export { createImage, type ImageParts, type ManifestFields } from './image/create-image.ts';
export { decompress } from './image/decompress.ts';
export { describeImage } from './image/describe-image.ts';
export type { Image, Layer, OpenOptions } from './image/image.ts';
export { openImage, type StoredImage } from './image/open-image.ts';
export { rebase, standsOn } from './image/rebase.ts';
export { validateDocuments, validateImage } from './image/validate-image.ts';
export { verifyStream } from './image/verify-stream.ts';
export { withAnnotations } from './image/with-annotations.ts';
export { withConfig } from './image/with-config.ts';
export { decodeLayerIndex } from './index/decode-layer-index.ts';
export { encodeLayerIndex } from './index/encode-layer-index.ts';
export { indexDigest } from './index/index-digest.ts';
export { createLayerIndexer, type LayerIndexer, type LayerIndexerOptions } from './index/layer-indexer.ts';
export type { EntryType, LayerEntry, LayerIndex } from './layer-index.ts';
export { blobPath } from './layout/blob-path.ts';
export { type DockerArchiveImage, dockerArchiveManifest } from './layout/docker-archive-manifest.ts';
export type { LayoutFile, LayoutFiles } from './layout/layout-files.ts';
export { type Layout, readLayout } from './layout/read-layout.ts';
export {
  type LayoutBlob,
  type LayoutContent,
  type LayoutRoot,
  writeLayoutEntries,
} from './layout/write-layout.ts';
export type { Healthcheck, HistoryEntry, ImageConfig, Index, Manifest, RunConfig } from './manifest.ts';
export { matchPlatform } from './match-platform.ts';
export { type Compression, compressionOf, mediaTypes } from './media-types.ts';
export { decodePath, encodePath } from './path-bytes.ts';
export {
  formatPlatform,
  hostPlatform,
  normalisePlatform,
  type Platform,
  parsePlatform,
  samePlatform,
} from './platform.ts';
export { familiarReference, formatReference, parseReference, type Reference } from './reference.ts';
export { type ParsedManifest, parseImageConfig, parseManifest } from './schema.ts';
export { cleanPath, isCleanPath } from './tar/clean-path.ts';
export { decodeWhiteout, encodeWhiteout, type Whiteout } from './tar/layer-whiteouts.ts';
export { readTar } from './tar/read-tar.ts';
export type { TarEntry, TarHandlers } from './tar/tar-entry.ts';
export { type TarHeaderEntry, tarHeader, tarPadding, tarTrailer } from './tar/tar-header.ts';
export { defaultTarLimits, type TarLimits } from './tar/tar-limits.ts';
export { createTarParser, type TarParser } from './tar/tar-parser.ts';
