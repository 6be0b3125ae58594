export type { Descriptor } from './descriptor.ts';
export { digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts';
export type { EntryType, LayerEntry, LayerIndex } from './layer-index.ts';
export type { Healthcheck, HistoryEntry, ImageConfig, Index, Manifest, RunConfig } from './manifest.ts';
export { type Compression, mediaTypes } from './media-types.ts';
export type { Platform } from './platform.ts';
export type { Reference } from './reference.ts';
