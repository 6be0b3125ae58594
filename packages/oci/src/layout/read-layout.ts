import { type Digest, fault } from '@onebuild/core';
import type { Descriptor } from '../descriptor.ts';
import { isDigest } from '../digest.ts';
import type { Image } from '../image/image.ts';
import { openImage } from '../image/open-image.ts';
import { verifyStream } from '../image/verify-stream.ts';
import type { Index } from '../manifest.ts';
import { matchPlatform } from '../match-platform.ts';
import { formatPlatform, type Platform } from '../platform.ts';
import { type ParsedManifest, parseManifest } from '../schema.ts';
import { blobPath } from './blob-path.ts';
import type { LayoutFiles } from './layout-files.ts';

/** An index within an index within ...: nobody goes deeper. */
const deepestIndex = 4;
const largestDocument = 8 * 1024 * 1024;

/** A layout that is read; whatever comes out of it was checked against its digest and size. */
export interface Layout {
  /** `index.json` */
  readonly index: Index;
  /**
   * The entry of a tag, a full image name or a digest; without `name`, the only one there is.
   * @throws MANIFEST_NOT_FOUND naming what is there
   */
  find(name?: string): Descriptor;
  /** @throws DIGEST_MISMATCH, BLOB_NOT_FOUND */
  read(descriptor: Descriptor): Promise<Uint8Array>;
  /** The stream fails with DIGEST_MISMATCH at its end. */
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  manifest(descriptor: Descriptor): Promise<ParsedManifest>;
  /**
   * The image behind an entry, of an index the one for `platform`.
   * @throws PLATFORM_MISSING, MANIFEST_INVALID
   */
  image(descriptor: Descriptor, platform: Platform): Promise<Image>;
}

/**
 * Opens an OCI image layout.
 * @throws MANIFEST_INVALID when the files are none
 */
export async function readLayout(files: LayoutFiles): Promise<Layout> {
  const marker = await files.read('oci-layout', 4096);
  if (!marker || versionOf(marker) !== '1.0.0') {
    throw fault(
      'MANIFEST_INVALID',
      'this is no OCI image layout: `oci-layout` is missing or of another version',
      {
        hint: 'Name the folder that has the files `oci-layout` and `index.json`.',
      },
    );
  }
  const bytes = await files.read('index.json', largestDocument);
  const parsed = bytes && parseManifest(bytes);
  if (parsed?.kind !== 'index') throw fault('MANIFEST_INVALID', 'the OCI image layout has no `index.json`');
  return new FileLayout(files, parsed.value);
}

class FileLayout implements Layout {
  readonly index: Index;
  readonly #files: LayoutFiles;

  constructor(files: LayoutFiles, index: Index) {
    this.#files = files;
    this.index = index;
  }

  find(name?: string): Descriptor {
    const { manifests } = this.index;
    const found = name === undefined ? manifests : manifests.filter((entry) => hasName(entry, name));
    const [first] = found;
    const digests = new Set<Digest>(found.map(({ digest }) => digest));
    if (first && digests.size === 1) return first;
    const names = manifests.map(
      (entry) => entry.annotations?.['org.opencontainers.image.ref.name'] ?? entry.digest,
    );
    throw fault(
      'MANIFEST_NOT_FOUND',
      name === undefined
        ? `the OCI image layout has ${manifests.length} images; one must be named`
        : `${JSON.stringify(name)} names ${digests.size} images of the OCI image layout`,
      { hint: `It has: ${names.slice(0, 20).join(', ') || 'nothing'}.` },
    );
  }

  async read(descriptor: Descriptor): Promise<Uint8Array> {
    const { digest, size } = descriptor;
    if (size > largestDocument)
      throw fault('MANIFEST_INVALID', `${digest} has ${size} bytes, too many to be a document`);
    const bytes = await this.#files.read(blobPath(digest), largestDocument);
    if (!bytes)
      throw fault('BLOB_NOT_FOUND', `${digest} is not in the OCI image layout`, { details: { digest } });
    for await (const _ of verifyStream(once(bytes), descriptor));
    return bytes;
  }

  open(descriptor: Descriptor): AsyncIterable<Uint8Array> {
    return verifyStream(this.#files.open(blobPath(descriptor.digest)), descriptor);
  }

  async manifest(descriptor: Descriptor): Promise<ParsedManifest> {
    return parseManifest(await this.read(descriptor), descriptor.mediaType);
  }

  async image(descriptor: Descriptor, platform: Platform): Promise<Image> {
    let entry = descriptor;
    for (let depth = 0; depth <= deepestIndex; depth++) {
      const manifestBytes = await this.read(entry);
      const parsed = parseManifest(manifestBytes, entry.mediaType);
      if (parsed.kind === 'manifest') {
        const configBytes = await this.read(parsed.value.config);
        return openImage({ manifestBytes, configBytes, openLayer: (layer) => this.open(layer) });
      }
      const match = matchPlatform(parsed.value.manifests, platform);
      if (!match) {
        throw fault(
          'PLATFORM_MISSING',
          `the image in the OCI image layout is not for ${formatPlatform(platform)}`,
        );
      }
      entry = match;
    }
    throw fault('MANIFEST_INVALID', `the index nests deeper than ${deepestIndex} levels`);
  }
}

function versionOf(marker: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(marker).toString());
    return typeof value === 'object' && value && 'imageLayoutVersion' in value
      ? value.imageLayoutVersion
      : undefined;
  } catch {
    return undefined;
  }
}

function hasName(entry: Descriptor, name: string): boolean {
  if (isDigest(name)) return entry.digest === name;
  const { annotations = {} } = entry;
  return [annotations['org.opencontainers.image.ref.name'], annotations['io.containerd.image.name']].includes(
    name,
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
