import { createHash } from 'node:crypto';
import { fault, withFact } from '@onebuild/core';
import { canonicalJson, encodeJson } from '../canonical-json.ts';
import { digestAlgorithm, digestOf } from '../digest.ts';
import type { ImageConfig } from '../manifest.ts';
import { compressionOf } from '../media-types.ts';
import { formatPlatform, samePlatform } from '../platform.ts';
import { parseImageConfig, parseManifest } from '../schema.ts';
import { createTarParser } from '../tar/tar-parser.ts';
import { decompress } from './decompress.ts';
import type { Image, Layer, OpenOptions } from './image.ts';
import { verifyStream } from './verify-stream.ts';

/**
 * The laws of an image, for tests and users:
 *
 * - the bytes of manifest and config read back as what the image says of them;
 * - the manifest describes those config bytes (digest, size) and exactly these layers;
 * - the config has the layers' diff ids in order, a history that fits them, and the image's platform;
 * - every layer streams bytes of its digest and size, which decompress to a tar archive of its diff id.
 *
 * Reads every layer once, in bounded memory.
 * @throws MANIFEST_INVALID, DIGEST_MISMATCH, TAR_INVALID saying what is wrong, and in which layer
 */
export async function validateImage(image: Image, options: OpenOptions = {}): Promise<void> {
  await validateDocuments(image);
  for (const [at, layer] of image.layers.entries()) {
    try {
      await validateLayer(layer, options);
    } catch (error) {
      throw withFact(error, `layer ${at + 1} of ${image.layers.length}`);
    }
  }
}

/** The laws of manifest and config alone; reads no layer. */
export async function validateDocuments(image: Image): Promise<void> {
  const [manifestBytes, configBytes] = await Promise.all([image.manifestBytes(), image.configBytes()]);
  const parsed = parseManifest(manifestBytes);
  const [manifest, config] = await Promise.all([image.manifest(), image.config()]);
  law(
    same(parsed, parseManifest(encodeJson(manifest))),
    'the bytes of the manifest say something else than the manifest',
  );
  law(
    same(parseImageConfig(configBytes), parseImageConfig(encodeJson(config))),
    'the bytes of the config say something else than the config',
  );
  law(manifest.config.size === configBytes.length, "the config's size is not the one in the manifest");
  law(manifest.config.digest === digestOf(configBytes), "the config's digest is not the one in the manifest");
  const descriptors = await Promise.all(image.layers.map((layer) => layer.descriptor()));
  law(same(manifest.layers, descriptors), 'the layers in the manifest are not those of the image');
  validateConfig(image, config);
}

function validateConfig(image: Image, config: ImageConfig): void {
  const diffIds = image.layers.map(({ diffId }) => diffId);
  law(same(config.rootfs.diff_ids, diffIds), 'the diff ids in the config are not those of the layers');
  const told = config.history?.filter((entry) => !entry.empty_layer).length;
  law(
    told === undefined || told === diffIds.length,
    `the history tells of ${told} layers, there are ${diffIds.length}`,
  );
  law(
    samePlatform(config, image.platform),
    `the config is for ${formatPlatform(config)}, the image for ${formatPlatform(image.platform)}`,
  );
}

async function validateLayer(layer: Layer, options: OpenOptions): Promise<void> {
  const descriptor = await layer.descriptor();
  const stored = verifyStream(layer.open(options), descriptor);
  const parser = createTarParser({ entry() {}, data() {}, end() {} });
  const algorithm = digestAlgorithm(layer.diffId);
  const hash = createHash(algorithm);
  for await (const chunk of decompress(stored, compressionOf(descriptor.mediaType))) {
    options.signal?.throwIfAborted();
    hash.update(chunk);
    parser.write(chunk);
  }
  parser.end();
  const found = `${algorithm}:${hash.digest('hex')}`;
  if (found !== layer.diffId) {
    throw fault('DIGEST_MISMATCH', `its uncompressed digest is ${found}, its diff id ${layer.diffId}`);
  }
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function law(holds: boolean, otherwise: string): void {
  if (!holds) throw fault('MANIFEST_INVALID', otherwise);
}
