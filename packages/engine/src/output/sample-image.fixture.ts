import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Compression,
  digestOf,
  type ImageConfig,
  mediaTypes,
  type Platform,
  parseReference,
} from '@onebuild/oci';
import { findProgram, temporaryFolder } from '@onebuild/testkit';
import { exportLayer } from '../layer/export-layer.ts';
import { createFolderTree } from '../source/folder-tree.ts';
import { createFsBlobStore } from '../store/fs-blob-store.ts';
import type { ExportImage, ExportSet } from './export-image.ts';
import { treeLayer } from './tree-layer.ts';

/** An image of one layer that runs `echo` where busybox is installed statically, with a blob store of its own. */
export async function sampleImage(
  options: { readonly platform?: Platform; readonly compression?: Compression } = {},
): Promise<ExportImage> {
  const { platform = { os: 'linux', architecture: 'amd64' }, compression = 'gzip' } = options;
  const files = temporaryFolder();
  mkdirSync(join(files, 'bin'));
  const busybox = findProgram('busybox');
  const program = busybox ? readFileSync(busybox) : Buffer.from('no program');
  writeFileSync(join(files, 'bin/busybox'), program, { mode: 0o755 });
  symlinkSync('busybox', join(files, 'bin/sh'));
  writeFileSync(join(files, 'hello'), `hello from ${platform.architecture}\n`, { mode: 0o640 });
  const tree = createFolderTree(files, {});
  const content = await treeLayer(tree);
  const blobs = createFsBlobStore({ root: temporaryFolder(), temp: temporaryFolder() });
  const layer = await exportLayer(content.index, (entry) => content.contentOf(entry), {
    blobs,
    mtimeOf: () => 0,
    layers: { compression },
  });
  const value: ImageConfig = {
    created: '2020-01-01T00:00:00Z',
    ...platform,
    config: { Env: ['PATH=/bin'], Cmd: ['busybox', 'cat', '/hello'] },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created_by: 'COPY . /' }],
  };
  const config = described(mediaTypes.ociConfig, value);
  const manifest = described(mediaTypes.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  });
  async function* open(): AsyncGenerator<Uint8Array> {
    yield await blobs.read(layer.descriptor.digest);
  }
  const layers = [{ descriptor: layer.descriptor, open }];
  return { platform, manifest, config: { ...config, value }, layers, tree: async () => tree };
}

/** The image under two names. */
export function sampleSet(image: ExportImage): ExportSet {
  return {
    images: [image],
    names: [parseReference('sample:1'), parseReference('example.com/team/sample:2')],
  };
}

export async function sampleIndex(): Promise<ExportSet> {
  const images = [
    await sampleImage(),
    await sampleImage({ platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }),
  ];
  const index = described(mediaTypes.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: images.map(({ manifest, platform }) => ({ ...manifest.descriptor, platform })),
  });
  return { images, index, names: [parseReference('sample:1')] };
}

function described(mediaType: string, value: unknown) {
  const bytes = Buffer.from(JSON.stringify(value));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
