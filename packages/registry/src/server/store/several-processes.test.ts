import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { temporaryRoot } from '../testing/open-registry.ts';
import { digest, makeManifest, pushBlob, putManifest, startUpload } from '../testing/raw-client.ts';
import { spawnRegistry } from '../testing/spawn-registry.ts';

/** Every blob and manifest in the folder, checked against its name. */
function verify(root: string): number {
  let checked = 0;
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/^[0-9a-f]{64}$/.test(entry.name)) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    const content = entry.parentPath.includes('_manifests') ? bytes.subarray(bytes.indexOf(10) + 1) : bytes;
    if (entry.parentPath.includes('_referrers')) continue;
    assert.equal(digest(content), `sha256:${entry.name}`);
    checked++;
  }
  return checked;
}

test('two processes take the same and different blobs and tags at once', async (t) => {
  const root = temporaryRoot();
  const two = [await spawnRegistry(t, root), await spawnRegistry(t, root)];
  const blobs = Array.from({ length: 12 }, () => randomBytes(200_000));
  await Promise.all(
    two.flatMap(({ ask }) => blobs.flatMap((blob) => [pushBlob(ask, 'a', blob), pushBlob(ask, 'b', blob)])),
  );
  const pushed = await Promise.all(
    Array.from({ length: 30 }, async (_, at) => {
      const { ask } = two[at % 2] ?? assert.fail();
      const made = await makeManifest(ask, 'a', { layers: [`layer ${at % 7}`, 'same'] });
      assert.equal((await putManifest(ask, 'a', 'latest', made.text)).status, 201);
      return made.digest;
    }),
  );
  const seen = await Promise.all(two.map(({ ask }) => ask('GET', '/v2/a/manifests/latest')));
  assert.equal(seen[0]?.headers['docker-content-digest'], seen[1]?.headers['docker-content-digest']);
  assert.ok(pushed.includes(String(seen[0]?.headers['docker-content-digest'])));
  for (const { ask } of two) {
    for (const blob of blobs) assert.deepEqual((await ask('GET', `/v2/b/blobs/${digest(blob)}`)).body, blob);
  }
  assert.equal(
    readdirSync(join(root, 'blobs'), { recursive: true }).filter(
      (name) => basename(String(name)).length === 64,
    ).length,
    12 + 8 + 7,
  );
  verify(root);
});

test('one session has one writer, whichever process is asked', async (t) => {
  const root = temporaryRoot();
  const [one, two] = [await spawnRegistry(t, root), await spawnRegistry(t, root)];
  const session = await startUpload(one.ask, 'a');
  assert.equal((await one.ask('PATCH', session, { body: 'first ' })).status, 202);
  assert.equal((await two.ask('PATCH', session, { body: 'second ' })).status, 202);
  const name = digest('first second third');
  assert.equal((await one.ask('PUT', `${session}?digest=${name}`, { body: 'third' })).status, 201);
  assert.equal((await two.ask('GET', `/v2/a/blobs/${name}`)).status, 200);

  const raced = await startUpload(one.ask, 'a');
  const data = randomBytes(400_000);
  const answers = await Promise.all(
    [one, two].map(({ ask }) => ask('PUT', `${raced}?digest=${digest(data)}`, { body: data })),
  );
  assert.ok(answers.every(({ status }) => [201, 400, 404].includes(status)));
  assert.equal(
    (await one.ask('PUT', `${await startUpload(one.ask, 'a')}?digest=${digest(data)}`, { body: data }))
      .status,
    201,
  );
  verify(root);
});

test('a registry killed in the middle of pushes starts again, and everything it shows is whole', async (t) => {
  const root = temporaryRoot();
  let server = await spawnRegistry(t, root);
  const data = randomBytes(3_000_000);
  for (let round = 0; round < 4; round++) {
    const session = await startUpload(server.ask, 'a');
    const url = new URL(server.url);
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => {});
    socket.write(`PATCH ${session} HTTP/1.1\r\nHost: x\r\nContent-Length: ${data.length}\r\n\r\n`);
    socket.write(data.subarray(0, 2_000_000));
    const { ask } = server;
    const pushes = Array.from({ length: 20 }, async (_, at) => {
      const made = await makeManifest(ask, 'a', { layers: [`${round} ${at} `.repeat(5000)] });
      await putManifest(ask, 'a', `tag-${at}`, made.text);
    });
    await Promise.race(pushes);
    await server.kill();
    socket.destroy();
    await Promise.allSettled(pushes);
    server = await spawnRegistry(t, root);

    verify(root);
    const { tags } = (await server.ask('GET', '/v2/a/tags/list')).json() as { tags: string[] };
    assert.ok(tags.length > 0);
    for (const tag of tags) {
      const manifest = await server.ask('GET', `/v2/a/manifests/${tag}`);
      assert.equal(manifest.status, 200);
      const { layers } = manifest.json() as { layers: { digest: string }[] };
      for (const layer of layers)
        assert.equal((await server.ask('HEAD', `/v2/a/blobs/${layer.digest}`)).status, 200);
    }
    const status = await server.ask('GET', session);
    assert.equal(status.status, 204);
    const there = Number(status.headers.range?.split('-')[1]);
    const rest = { body: data.subarray(there === 0 ? 0 : there + 1) };
    assert.equal((await server.ask('PUT', `${session}?digest=${digest(data)}`, rest)).status, 201);
    assert.deepEqual((await server.ask('GET', `/v2/a/blobs/${digest(data)}`)).body, data);
    await server.ask('DELETE', `/v2/a/blobs/${digest(data)}`);
  }
});
