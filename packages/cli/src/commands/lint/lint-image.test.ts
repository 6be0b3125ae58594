import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import {
  type Descriptor,
  digestHex,
  digestOf,
  mediaTypes,
  tarHeader,
  tarPadding,
  tarTrailer,
} from '@onebuild/oci';
import { createProgram } from '../../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'onebuild-lint-image-'));
after(() => rmSync(folder, { recursive: true }));
const blobs = join(folder, 'blobs/sha256');
mkdirSync(blobs, { recursive: true });

function put(mediaType: string, content: Uint8Array | object): Descriptor {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
  const digest = digestOf(bytes);
  writeFileSync(join(blobs, digestHex(digest)), bytes);
  return { mediaType, digest, size: bytes.length };
}

function archive(files: Readonly<Record<string, number>>): Buffer {
  const members = Object.entries(files).flatMap(([path, size]) => [
    tarHeader({ uid: 0, gid: 0, mtime: 0, path, type: 'file', mode: 0o644, size }),
    Buffer.alloc(size + tarPadding(size)),
  ]);
  return Buffer.concat([...members, tarTrailer]);
}

const layers = [
  archive({ 'src/a': 700_000, 'src/b': 10, small: 10 }),
  archive({ '.wh.src': 0, '.wh.small': 0 }),
].map((bytes) => put(mediaTypes.ociLayer, bytes));
const config = put(mediaTypes.ociConfig, {
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  history: [{ created_by: 'COPY src /src' }, { created_by: 'RUN rm -r /src' }],
});
const manifest = put(mediaTypes.ociManifest, {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config,
  layers,
});
writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
writeFileSync(
  join(folder, 'index.json'),
  JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [manifest] }),
);

async function lint(args: readonly string[]): Promise<{ code: number; stdout: string }> {
  const stdout = new PassThrough();
  const context = {
    env: {},
    cwd: folder,
    uid: 0,
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '',
    self: [],
    args: [],
    exitCode: 0,
  };
  await createProgram(context).parseAsync(['lint', '--image', `oci-layout:${folder}`, ...args], {
    from: 'user',
  });
  return { code: context.exitCode, stdout: String(stdout.read() ?? '') };
}

test('what a layer removes of an earlier one is told with its bytes and steps', async () => {
  const { code, stdout } = await lint([]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^warning FileRemovedLater: layer 2 \(RUN rm -r \/src\) removes 700 kB in 3 files of layer 1 \(COPY src \/src\), among them \/src\/a\n/,
  );
});

test('rules are left out for images, too', async () => {
  assert.deepEqual(await lint(['--skip', 'FileRemovedLater']), { code: 0, stdout: '' });
});

test('an image has no lines: JSON names the layer, SARIF gives it as a logical location', async () => {
  const { stdout } = await lint(['--format', 'json']);
  const { findings } = JSON.parse(stdout) as { findings: Readonly<Record<string, unknown>>[] };
  assert.equal(findings[0]?.['layer'], 2);
  assert.equal(findings[0]?.['image'], `oci-layout:${folder}`);
  assert.ok(!('line' in (findings[0] ?? {})));
  const log = JSON.parse((await lint(['--format', 'sarif'])).stdout) as {
    runs: { results: { locations: Readonly<Record<string, unknown>>[] }[] }[];
  };
  const [location] = log.runs[0]?.results[0]?.locations ?? [];
  assert.deepEqual(location?.['logicalLocations'], [
    { name: 'layer 2', fullyQualifiedName: `oci-layout:${folder}, layer 2` },
  ]);
});
