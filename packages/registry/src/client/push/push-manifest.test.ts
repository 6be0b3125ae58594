import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, mediaTypes } from '@onebuild/oci';
import { manifestOf, sampleBlob } from '../testing/sample-content.ts';
import { readRequest, type Script, sendError, startScriptedServer } from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';

const [config, layer] = [sampleBlob(10).descriptor, sampleBlob(20).descriptor];
const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf('subject'), size: 7 };
const tag = subject.digest.replace(':', '-');

/** A registry that keeps manifests by name, and knows referrers only when told so. */
function store(options: { readonly subjects?: boolean; readonly api?: boolean } = {}) {
  const manifests = new Map<string, Buffer>();
  const script: Script = async (request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    if (request.url?.includes('/referrers/')) return sendError(response, 404, 'NOT_FOUND');
    if (request.method === 'PUT') {
      const body = await readRequest(request);
      manifests.set(name, body);
      const headers = { 'docker-content-digest': digestOf(body) };
      response
        .writeHead(201, options.subjects ? { ...headers, 'oci-subject': subject.digest } : headers)
        .end();
      return;
    }
    const found = manifests.get(name);
    if (request.url === '/v2/' || found !== undefined) {
      response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end(found);
    } else sendError(response, 404, 'MANIFEST_UNKNOWN');
  };
  return { script, manifests };
}

test('a referrer is listed under the tag where the registry does not list it', async () => {
  const { script, manifests } = store();
  await using server = await startScriptedServer(script);
  using client = createTestClient();
  const app = { registry: server.host, repository: 'app' };
  const types = ['application/x-a', 'application/x-b', 'application/x-a'];
  const pushed = await Promise.all(
    types.map((artifactType, n) =>
      client.pushManifest(
        app,
        manifestOf(config, [layer], { artifactType, subject, annotations: { n: String(n) } }),
      ),
    ),
  );
  const index = JSON.parse(manifests.get(tag)?.toString() ?? '') as {
    mediaType: string;
    manifests: object[];
  };
  assert.equal(index.mediaType, mediaTypes.ociIndex);
  assert.deepEqual(
    index.manifests,
    pushed.map((descriptor, n) => ({ ...descriptor, artifactType: types[n], annotations: { n: String(n) } })),
  );
  // the same once more changes nothing
  await client.pushManifest(
    app,
    manifestOf(config, [layer], { artifactType: types[0], subject, annotations: { n: '0' } }),
  );
  assert.equal((JSON.parse(manifests.get(tag)?.toString() ?? '') as typeof index).manifests.length, 3);
  assert.equal((await client.referrers(app, subject.digest)).length, 3);
  assert.equal((await client.referrers(app, subject.digest, { artifactType: 'application/x-a' })).length, 2);
  assert.deepEqual(await client.referrers(app, digestOf('nobody')), []);
});

test('the type of a referrer without one is that of its config', async () => {
  const { script, manifests } = store();
  await using server = await startScriptedServer(script);
  using client = createTestClient();
  await client.pushManifest(
    { registry: server.host, repository: 'app' },
    manifestOf(config, [], { subject }),
  );
  const index = JSON.parse(manifests.get(tag)?.toString() ?? '') as { manifests: { artifactType: string }[] };
  assert.equal(index.manifests[0]?.artifactType, mediaTypes.ociConfig);
});

test('a registry that says it lists referrers is left alone', async () => {
  const { script, manifests } = store({ subjects: true });
  await using server = await startScriptedServer(script);
  using client = createTestClient();
  const manifest = manifestOf(config, [], { subject });
  await client.pushManifest({ registry: server.host, repository: 'app' }, manifest);
  assert.deepEqual([...manifests.keys()], [manifest.digest]);
});

test('a manifest goes by tag or by digest, and its type with it', async () => {
  const { script } = store();
  await using server = await startScriptedServer(script);
  using client = createTestClient();
  const app = { registry: server.host, repository: 'app' };
  const manifest = manifestOf(config, [layer]);
  const { bytes, mediaType, digest } = manifest;
  assert.deepEqual(await client.pushManifest(app, { bytes, mediaType }), {
    mediaType,
    digest,
    size: bytes.length,
  });
  await client.pushManifest(app, { bytes, mediaType, tag: 'v1' });
  const puts = server.seen.filter(({ method }) => method === 'PUT');
  assert.deepEqual(
    puts.map(({ url }) => url),
    [`/v2/app/manifests/${digest}`, '/v2/app/manifests/v1'],
  );
  assert.ok(puts.every(({ headers }) => headers['content-type'] === mediaType));
});

test('what no registry takes is not sent', async () => {
  await using server = await startScriptedServer(store().script);
  using client = createTestClient();
  const app = { registry: server.host, repository: 'app' };
  const mediaType = mediaTypes.ociManifest;
  const large = Buffer.alloc(4 * 1024 * 1024 + 1);
  await assert.rejects(client.pushManifest(app, { bytes: large, mediaType }), { code: 'MANIFEST_INVALID' });
  for (const bad of ['', '../x', 'a/b', 'a b', '.a', 'x'.repeat(129)]) {
    const manifest = { bytes: Buffer.from('{}'), mediaType, tag: bad };
    await assert.rejects(client.pushManifest(app, manifest), { code: 'REFERENCE_INVALID' });
  }
  assert.equal(server.seen.length, 0);
});

test('a registry that stores something else is caught', async () => {
  await using server = await startScriptedServer(async (request, response) => {
    await readRequest(request);
    response.writeHead(201, { 'docker-content-digest': digestOf('other') }).end();
  });
  using client = createTestClient();
  const manifest = manifestOf(config, [layer]);
  await assert.rejects(client.pushManifest({ registry: server.host, repository: 'app' }, manifest), {
    code: 'DIGEST_MISMATCH',
  });
});

test('a missing blob is told from a missing manifest; a busy registry is asked again', async () => {
  let n = 0;
  await using server = await startScriptedServer(async (request, response) => {
    if (request.url === '/v2/') return void response.end();
    await readRequest(request);
    if (++n === 1) return void response.writeHead(502).end();
    sendError(response, 404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown');
  });
  using client = createTestClient();
  const manifest = { ...manifestOf(config, [layer]), tag: '1' };
  await assert.rejects(client.pushManifest({ registry: server.host, repository: 'app' }, manifest), {
    code: 'BLOB_NOT_FOUND',
    message: /app:1/,
  });
  assert.equal(n, 2);
});
