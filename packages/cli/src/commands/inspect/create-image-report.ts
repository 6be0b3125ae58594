import { fault } from '@onebuild/core';
import {
  type Descriptor,
  formatPlatform,
  hostPlatform,
  type ImageConfig,
  type Index,
  type Manifest,
  matchPlatform,
  parseImageConfig,
  parseManifest,
  parsePlatform,
} from '@onebuild/oci';
import type { ImageReport, LayerReport } from './image-report.ts';
import type { ImageSource } from './image-source.ts';

/**
 * Reads an image's manifest and config; of an index, those of `platform` (default: this machine's, else the first).
 * @throws PLATFORM_MISSING, MANIFEST_INVALID and what the source throws
 */
export async function createImageReport(source: ImageSource, platform?: string): Promise<ImageReport> {
  const { descriptor, bytes } = await source.top();
  const parsed = parseManifest(bytes, descriptor.mediaType);
  const chosen = parsed.kind === 'index' ? choosePlatform(parsed.value, platform) : descriptor;
  const manifest = parsed.kind === 'index' ? await readManifest(source, chosen) : parsed.value;
  const config = parseImageConfig(await source.read(manifest.config));
  if (platform !== undefined && parsed.kind === 'manifest') checkPlatform(config, platform);
  return {
    name: source.name,
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    ...(parsed.kind === 'index' && { platforms: listPlatforms(parsed.value) }),
    manifest: chosen,
    ...(manifest.annotations && { annotations: manifest.annotations }),
    layers: listLayers(manifest, config),
    size: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
    config,
  };
}

async function readManifest(source: ImageSource, descriptor: Descriptor): Promise<Manifest> {
  const parsed = parseManifest(await source.read(descriptor), descriptor.mediaType);
  if (parsed.kind === 'manifest') return parsed.value;
  throw fault('MANIFEST_INVALID', `${descriptor.digest} is an index inside an index`);
}

function choosePlatform(index: Index, text: string | undefined): Descriptor {
  const host = hostPlatform(process.arch);
  const wanted = text === undefined ? host : parsePlatform(text, host);
  const found =
    matchPlatform(index.manifests, wanted) ?? (text === undefined ? index.manifests[0] : undefined);
  if (found !== undefined) return found;
  throw fault('PLATFORM_MISSING', `there is no image for ${formatPlatform(wanted)}`, {
    hint: `There are: ${
      listPlatforms(index)
        .map((entry) => entry.platform)
        .join(', ') || 'none'
    }.`,
  });
}

/** An image that is not in an index is for one platform only. */
function checkPlatform(config: ImageConfig, text: string): void {
  const wanted = parsePlatform(text, hostPlatform(process.arch));
  const { os, architecture } = config;
  if (os === wanted.os && architecture === wanted.architecture) return;
  throw fault('PLATFORM_MISSING', `the image is not for ${formatPlatform(wanted)}`, {
    hint: `It is for ${formatPlatform(config)}.`,
  });
}

function listPlatforms(index: Index): NonNullable<ImageReport['platforms']> {
  return index.manifests.map(({ platform, digest }) => ({
    platform: platform === undefined ? 'unknown' : formatPlatform(platform),
    digest,
  }));
}

function listLayers(manifest: Manifest, config: ImageConfig): LayerReport[] {
  const makers = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  const told = makers.length === manifest.layers.length;
  return manifest.layers.map(({ digest, mediaType, size }, index) => {
    const diffId = config.rootfs.diff_ids[index];
    const createdBy = told ? makers[index]?.created_by : undefined;
    return { digest, mediaType, size, ...(diffId && { diffId }), ...(createdBy && { createdBy }) };
  });
}
