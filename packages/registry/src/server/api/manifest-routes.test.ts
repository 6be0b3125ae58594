import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry } from '../testing/open-registry.ts';
import { digest, makeManifest, pushBlob, putManifest, types } from '../testing/raw-client.ts';

test('a manifest comes back byte by byte, by tag and by digest', async (t) => {
  const { ask } = await openRegistry(t);
  const made = await makeManifest(ask, 'team/app', { extra: { 'x-unknown': [1, 2] } });
  const put = await putManifest(ask, 'team/app', 'v1', `${made.text}\n`);
  const name = digest(`${made.text}\n`);
  assert.equal(put.status, 201);
  assert.equal(put.headers['docker-content-digest'], name);
  assert.equal(put.headers.location, `/v2/team/app/manifests/${name}`);
  for (const target of ['v1', name, name.replace(':', '%3A')]) {
    const got = await ask('GET', `/v2/team/app/manifests/${target}`);
    assert.equal(got.body.toString(), `${made.text}\n`);
    assert.equal(got.headers['content-type'], types.manifest);
    assert.equal(got.headers['docker-content-digest'], name);
    const head = await ask('HEAD', `/v2/team/app/manifests/${target}`);
    assert.deepEqual([head.status, head.headers['content-length']], [200, String(got.body.length)]);
  }
  const unchanged = await ask('GET', '/v2/team/app/manifests/v1', {
    headers: { 'if-none-match': `"${name}"` },
  });
  assert.deepEqual([unchanged.status, unchanged.body.length], [304, 0]);
  assert.equal((await ask('GET', '/v2/team/app/manifests/none')).code, 'MANIFEST_UNKNOWN');
});

test('a manifest needs its content in the same repository', async (t) => {
  const { ask } = await openRegistry(t);
  const made = await makeManifest(ask, 'a');
  const elsewhere = await putManifest(ask, 'b', 'v1', made.text);
  assert.deepEqual([elsewhere.status, elsewhere.code], [400, 'MANIFEST_BLOB_UNKNOWN']);
  assert.equal((await ask('GET', '/v2/b/manifests/v1')).status, 404);

  const index = JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests: [made.descriptor] });
  assert.equal((await putManifest(ask, 'a', 'all', index, types.index)).code, 'MANIFEST_BLOB_UNKNOWN');
  assert.equal((await putManifest(ask, 'a', made.digest, made.text)).status, 201);
  assert.equal((await putManifest(ask, 'a', 'all', index, types.index)).status, 201);
});

test('layers that may not be distributed need not be there', async (t) => {
  const { ask } = await openRegistry(t);
  const config = '{}';
  await pushBlob(ask, 'a', config);
  const layer = (mediaType: string) => ({
    mediaType,
    digest: digest(mediaType),
    size: 5,
    urls: ['https://example.com'],
  });
  const text = JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: types.config, digest: digest(config), size: 2 },
    layers: [
      layer('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'),
      layer('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'),
    ],
  });
  assert.equal((await putManifest(ask, 'a', 'v1', text, types.dockerManifest)).status, 201);
});

test('a push by digest may name tags; sha512 works like sha256', async (t) => {
  const { ask } = await openRegistry(t);
  const made = await makeManifest(ask, 'a');
  const name = digest(made.text, 'sha512');
  const put = await putManifest(ask, 'a', `${name}?tag=one&tag=two`, made.text);
  assert.deepEqual([put.status, put.headers['oci-tag']], [201, 'one, two']);
  const got = await ask('GET', '/v2/a/manifests/two');
  assert.equal(got.headers['docker-content-digest'], name);
  assert.equal((await putManifest(ask, 'a', digest('other'), made.text)).code, 'DIGEST_INVALID');
  assert.equal((await putManifest(ask, 'a', `${made.digest}?tag=a/b`, made.text)).status, 400);
});

test('deleting a tag leaves the manifest, deleting the manifest takes its tags', async (t) => {
  const { ask } = await openRegistry(t);
  const made = await makeManifest(ask, 'a');
  const other = await makeManifest(ask, 'a', { layers: ['other'] });
  for (const tag of ['one', 'two', 'three']) await putManifest(ask, 'a', tag, made.text);
  await putManifest(ask, 'a', 'other', other.text);
  assert.equal((await ask('DELETE', '/v2/a/manifests/one')).status, 202);
  assert.equal((await ask('DELETE', '/v2/a/manifests/one')).status, 404);
  assert.equal((await ask('GET', `/v2/a/manifests/${made.digest}`)).status, 200);
  assert.equal((await ask('DELETE', `/v2/a/manifests/${made.digest}`)).status, 202);
  assert.equal((await ask('DELETE', `/v2/a/manifests/${made.digest}`)).status, 404);
  assert.deepEqual((await ask('GET', '/v2/a/tags/list')).json(), { name: 'a', tags: ['other'] });
});

test('referrers are listed with their type and annotations, filtered, and go with their manifest', async (t) => {
  const { ask } = await openRegistry(t);
  const subject = await makeManifest(ask, 'a');
  const list = async (query = '') => {
    const answer = await ask('GET', `/v2/a/referrers/${subject.digest}${query}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], types.index);
    return {
      headers: answer.headers,
      manifests: (answer.json() as { manifests: Record<string, unknown>[] }).manifests,
    };
  };
  assert.deepEqual((await list()).manifests, []);
  const extra = { subject: subject.descriptor, artifactType: 'text/sbom', annotations: { who: 'me' } };
  const sbom = await makeManifest(ask, 'a', { layers: ['sbom'], extra });
  const plain = await makeManifest(ask, 'a', { layers: ['plain'], extra: { subject: subject.descriptor } });
  for (const one of [sbom, plain]) {
    const put = await putManifest(ask, 'a', one.digest, one.text);
    assert.equal(put.headers['oci-subject'], subject.digest);
  }
  const all = (await list()).manifests;
  assert.equal(all.length, 2);
  assert.deepEqual(
    all.find((one) => one['digest'] === sbom.digest),
    {
      mediaType: types.manifest,
      size: sbom.text.length,
      artifactType: 'text/sbom',
      annotations: { who: 'me' },
      digest: sbom.digest,
    },
  );
  assert.equal(all.find((one) => one['digest'] === plain.digest)?.['artifactType'], types.config);
  const filtered = await list('?artifactType=text/sbom');
  assert.equal(filtered.headers['oci-filters-applied'], 'artifactType');
  assert.deepEqual(
    filtered.manifests.map((one) => one['digest']),
    [sbom.digest],
  );

  await ask('DELETE', `/v2/a/manifests/${sbom.digest}`);
  assert.deepEqual(
    (await list()).manifests.map((one) => one['digest']),
    [plain.digest],
  );
  assert.equal((await ask('GET', '/v2/nowhere/referrers/nonsense')).status, 400);
});

test('what is not a manifest is refused', async (t) => {
  const { ask } = await openRegistry(t);
  const made = await makeManifest(ask, 'a');
  const manifest = JSON.parse(made.text) as Record<string, unknown>;
  const refused: [string, string, string?][] = [
    ['broken JSON', '{"schemaVersion": 2,'],
    ['no JSON', '\u0000\u0001'],
    ['null', 'null'],
    ['deep nesting', '['.repeat(1_000_000)],
    ['another version', JSON.stringify({ ...manifest, schemaVersion: 1 })],
    ['no layers', JSON.stringify({ ...manifest, layers: undefined })],
    [
      'a wrong digest',
      JSON.stringify({ ...manifest, layers: [{ ...made.descriptor, digest: '../../etc/passwd' }] }),
    ],
    ['a negative size', JSON.stringify({ ...manifest, layers: [{ ...made.descriptor, size: -1 }] })],
    ['two kinds at once', JSON.stringify({ ...manifest, manifests: [] })],
    ['another type than it says', made.text, types.index],
    ['an unknown type', JSON.stringify({ ...manifest, mediaType: undefined }), 'text/plain'],
    ['a subject that is none', JSON.stringify({ ...manifest, subject: 'yes' })],
  ];
  for (const [what, text, type] of refused) {
    const answer = await putManifest(ask, 'a', 'v1', text, type);
    assert.deepEqual([answer.status, answer.code], [400, 'MANIFEST_INVALID'], what);
  }
  const large = JSON.stringify({ ...manifest, annotations: { a: 'x'.repeat(4 * 1024 * 1024) } });
  assert.equal((await putManifest(ask, 'a', 'v1', large)).status, 413);
  const chunked = {
    body: large,
    headers: { 'transfer-encoding': 'chunked', 'content-type': types.manifest },
  };
  assert.equal((await ask('PUT', '/v2/a/manifests/v1', chunked)).status, 413);
  const nearly = JSON.stringify({ ...manifest, annotations: { a: 'x'.repeat(4 * 1024 * 1024 - 2000) } });
  assert.equal((await putManifest(ask, 'a', 'v1', nearly)).status, 201);
});
