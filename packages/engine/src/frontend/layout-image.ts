import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, fault, toFault, withFact } from '@onebuild/core';
import {
  type Descriptor,
  digestAlgorithm,
  digestHex,
  digestOf,
  formatPlatform,
  matchPlatform,
  type Platform,
  parseImageConfig,
  parseManifest,
} from '@onebuild/oci';
import type { ContextSource } from '../build-options.ts';
import type { SourceImage } from './image-source.ts';

const refName = 'org.opencontainers.image.ref.name';

/** An image of an OCI layout folder (image-layout.md), by digest or tag, else the only one. */
export async function findInLayout(
  source: ContextSource & { readonly type: 'oci-layout' },
  platform: Platform,
): Promise<SourceImage> {
  const pathOf = (digest: Digest) => join(source.path, 'blobs', digestAlgorithm(digest), digestHex(digest));
  const read = async (descriptor: Descriptor): Promise<Uint8Array> => {
    const bytes = await readFile(pathOf(descriptor.digest));
    if (digestOf(bytes) !== descriptor.digest)
      throw fault('DIGEST_MISMATCH', `blob ${descriptor.digest} has other content`);
    return bytes;
  };
  try {
    const top = parseManifest(await readFile(join(source.path, 'index.json')));
    if (top.kind !== 'index') throw fault('MANIFEST_INVALID', 'index.json is no index');
    let descriptor = pick(top.value.manifests, source);
    let parsed = parseManifest(await read(descriptor), descriptor.mediaType);
    if (parsed.kind === 'index') {
      const child = matchPlatform(parsed.value.manifests, platform);
      if (child === undefined)
        throw fault('PLATFORM_MISSING', `there is no image for ${formatPlatform(platform)}`);
      descriptor = child;
      parsed = parseManifest(await read(child), child.mediaType);
    }
    if (parsed.kind === 'index') throw fault('MANIFEST_INVALID', 'an index inside an index');
    const { config: configDescriptor, layers } = parsed.value;
    const config = parseImageConfig(await read(configDescriptor));
    const diffIds = config.rootfs.diff_ids;
    if (diffIds.length !== layers.length)
      throw fault('MANIFEST_INVALID', `${layers.length} layers, ${diffIds.length} diff ids`);
    return {
      name: source.path,
      digest: descriptor.digest,
      platform,
      config,
      layers: layers.map((layer, at) => ({
        descriptor: layer,
        diffId: diffIds[at] ?? layer.digest,
        open: () => createReadStream(pathOf(layer.digest), { highWaterMark: 1 << 20 }),
      })),
    };
  } catch (error) {
    throw withFact(toFault(error), `OCI layout ${source.path}`);
  }
}

function pick(
  manifests: readonly Descriptor[],
  source: { readonly tag?: string; readonly digest?: string },
): Descriptor {
  const found =
    source.digest !== undefined
      ? manifests.find((entry) => entry.digest === source.digest)
      : source.tag !== undefined
        ? manifests.find((entry) => entry.annotations?.[refName] === source.tag)
        : manifests.length === 1
          ? manifests[0]
          : undefined;
  if (found !== undefined) return found;
  const names = manifests.map((entry) => entry.annotations?.[refName] ?? entry.digest).join(', ');
  throw fault('MANIFEST_NOT_FOUND', `no such image; there are ${names || 'none'}`);
}
