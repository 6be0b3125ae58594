import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { isFault } from '@onebuild/core';
import {
  type Descriptor,
  digestHex,
  digestOf,
  mediaTypes,
  tarHeader,
  tarPadding,
  tarTrailer,
} from '@onebuild/oci';
import { createImageReport } from './create-image-report.ts';
import { createLayoutSource } from './layout-source.ts';
import { listLayerFiles } from './list-layer-files.ts';
import { renderFiles, renderReport } from './render-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'onebuild-inspect-'));
after(() => rmSync(folder, { recursive: true }));
const blobs = join(folder, 'blobs/sha256');
mkdirSync(blobs, { recursive: true });

function put(mediaType: string, content: Uint8Array | object): Descriptor {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
  const digest = digestOf(bytes);
  writeFileSync(join(blobs, digestHex(digest)), bytes);
  return { mediaType, digest, size: bytes.length };
}

const attributes = { uid: 0, gid: 0, size: 0, mtime: 0 };
const archive = Buffer.concat([
  tarHeader({ ...attributes, path: 'etc', type: 'dir', mode: 0o1777 }),
  tarHeader({ ...attributes, path: 'etc/.wh.gone', type: 'file', mode: 0 }),
  tarHeader({ ...attributes, path: 'etc/a\u001b[2J', type: 'file', mode: 0o4755, uid: 5, gid: 6, size: 3 }),
  Buffer.from('abc'),
  Buffer.alloc(tarPadding(3)),
  tarHeader({ ...attributes, path: 'etc/link', type: 'symlink', mode: 0o777, link: 'a' }),
  tarTrailer,
]);
const layers = [
  put(mediaTypes.ociLayerGzip, gzipSync(archive)),
  put(mediaTypes.ociLayerZstd, zstdCompressSync(archive)),
  put(mediaTypes.ociLayer, archive),
];
const config = put(mediaTypes.ociConfig, {
  architecture: 'amd64',
  os: 'linux',
  created: '1980-01-01T00:00:00Z',
  config: { User: 'redis', Entrypoint: ['server'], ExposedPorts: { '80/tcp': {} }, Labels: { a: '1' } },
  rootfs: { type: 'layers', diff_ids: layers.map(() => digestOf(archive)) },
  history: [
    { created_by: 'one' },
    { created_by: 'none', empty_layer: true },
    { created_by: 'two' },
    { created_by: 'three' },
  ],
});
const manifest = put(mediaTypes.ociManifest, {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config,
  layers,
});
const platform = { os: 'linux', architecture: 'amd64' };
const index = put(mediaTypes.ociIndex, {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [{ ...manifest, platform }],
});
const named = (descriptor: Descriptor, name: string) => ({
  ...descriptor,
  annotations: { 'org.opencontainers.image.ref.name': name },
});
writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
writeFileSync(
  join(folder, 'index.json'),
  JSON.stringify({ schemaVersion: 2, manifests: [named(manifest, 'one'), named(index, 'both')] }),
);
const open = (suffix: string) => createLayoutSource(`${folder}${suffix}`, '/');

test('an image and an index of a layout', async () => {
  const report = await createImageReport(open(':one'));
  assert.deepEqual(
    [report.digest, report.layers.map((layer) => layer.createdBy), report.size],
    [manifest.digest, ['one', 'two', 'three'], layers.reduce((sum, layer) => sum + layer.size, 0)],
  );
  const text = renderReport(report).join('\n');
  assert.match(text, /^User {8}redis$/m);
  assert.match(text, /^Ports {7}80\/tcp$/m);
  assert.match(text, /^3 layers, /m);
  const both = await createImageReport(open(':both'), 'linux/amd64');
  assert.deepEqual([both.digest, both.manifest.digest], [index.digest, manifest.digest]);
  await assert.rejects(createImageReport(open(':both'), 'linux/s390x'), (error) =>
    isFault(error, 'PLATFORM_MISSING'),
  );
  await assert.rejects(createImageReport(open('')), (error) => isFault(error, 'MANIFEST_NOT_FOUND'));
  await assert.rejects(createImageReport(open(':none')), (error) => isFault(error, 'MANIFEST_NOT_FOUND'));
});

test('files of a layer, whatever its compression', async () => {
  const source = open(':one');
  const report = await createImageReport(source);
  for (const which of ['1', '2', '3', layers[1]?.digest ?? '']) {
    assert.deepEqual(renderFiles(await listLayerFiles(source, report, which)), [
      'MODE        OWNER  SIZE  PATH',
      'drwxrwxrwt  0:0          /etc',
      '-rwsr-xr-x  5:6    3     /etc/a',
      'removed     0:0          /etc/gone',
      'lrwxrwxrwx  0:0          /etc/link -> a',
    ]);
  }
  await assert.rejects(listLayerFiles(source, report, '4'), (error) => isFault(error, 'USAGE'));
});

test('a blob with other content is refused', async () => {
  const source = open(':one');
  const report = await createImageReport(source);
  const path = join(blobs, digestHex(layers[0]?.digest ?? manifest.digest));
  const good = readFileSync(path);
  writeFileSync(path, gzipSync(Buffer.concat([archive, Buffer.alloc(512)])));
  await assert.rejects(listLayerFiles(source, report, '1'), (error) => isFault(error, 'DIGEST_MISMATCH'));
  writeFileSync(path, good);
});
