export { type ArchiveFormat, detectFormat, magicSize } from './decompress/archive-format.ts';
export { type DecompressOptions, decompressStream, peek } from './decompress/decompress-stream.ts';
