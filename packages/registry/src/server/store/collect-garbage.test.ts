import assert from 'node:assert/strict';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from '../testing/open-registry.ts';
import { digest, makeManifest, pushBlob, putManifest, startUpload } from '../testing/raw-client.ts';
import { collectGarbage } from './collect-garbage.ts';
import { openFsRegistryStore } from './fs-registry-store.ts';

const hour = 60 * 60 * 1000;

/** Makes everything in a folder two hours old. */
function age(folder: string): void {
  const then = new Date(Date.now() - 2 * hour);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    try {
      utimesSync(join(entry.parentPath, entry.name), then, then);
    } catch {
      // collected meanwhile
    }
  }
}

test('what no manifest names goes, what one names stays', async (t) => {
  const { ask, root } = await openRegistry(t);
  const store = await openFsRegistryStore(root);
  const made = await makeManifest(ask, 'a', { layers: ['kept', 'also kept'] });
  await putManifest(ask, 'a', 'v1', made.text);
  const loose = await pushBlob(ask, 'a', 'loose');
  const shared = await pushBlob(ask, 'b', 'kept');
  await startUpload(ask, 'c');

  const none = { manifests: 0, tags: 0, links: 0, blobs: 0, bytes: 0, uploads: 0 };
  assert.deepEqual(await collectGarbage(store, { olderThanMs: hour }), none, 'everything is young');
  age(root);
  const dry = await collectGarbage(store, { olderThanMs: hour, dryRun: true });
  assert.equal((await ask('GET', `/v2/a/blobs/${loose}`)).status, 200);
  age(root);
  const wet = await collectGarbage(store, { olderThanMs: hour });
  assert.deepEqual([dry.links, dry.uploads], [2, 1]);
  assert.deepEqual(wet, { ...none, links: 2, blobs: 1, bytes: 'loose'.length, uploads: 1 });
  assert.equal((await ask('GET', `/v2/a/blobs/${loose}`)).status, 404);
  assert.equal((await ask('GET', `/v2/b/blobs/${shared}`)).status, 404);
  for (const layer of ['kept', 'also kept']) {
    assert.equal((await ask('GET', `/v2/a/blobs/${digest(layer)}`)).body.toString(), layer);
  }
  assert.deepEqual(await collectGarbage(store, { olderThanMs: hour }), none);
});

test('a push under way keeps what it asked for', async (t) => {
  const { ask, root } = await openRegistry(t);
  const store = await openFsRegistryStore(root);
  const made = await makeManifest(ask, 'a', { layers: ['asked for'] });
  const mounted = await pushBlob(ask, 'a', 'mounted');
  age(root);
  assert.equal((await ask('HEAD', `/v2/a/blobs/${digest('asked for')}`)).status, 200);
  assert.equal((await ask('POST', `/v2/b/blobs/uploads/?mount=${mounted}&from=a`)).status, 201);
  await pushBlob(ask, 'a', JSON.stringify({ layers: ['asked for'] }));
  assert.equal((await collectGarbage(store, { olderThanMs: hour })).links, 0);
  assert.equal((await putManifest(ask, 'a', 'v1', made.text)).status, 201);
  age(root);
  await collectGarbage(store, { olderThanMs: hour });
  assert.equal((await ask('GET', `/v2/a/blobs/${digest('asked for')}`)).status, 200);
});

test('untagged manifests go when asked, but not children or referrers of tagged ones', async (t) => {
  const { ask, root } = await openRegistry(t);
  const store = await openFsRegistryStore(root);
  const child = await makeManifest(ask, 'a', { layers: ['child'] });
  const loose = await makeManifest(ask, 'a', { layers: ['loose'] });
  const referrer = await makeManifest(ask, 'a', { layers: ['sbom'], extra: { subject: child.descriptor } });
  for (const one of [child, loose, referrer]) await putManifest(ask, 'a', one.digest, one.text);
  const index = JSON.stringify({ schemaVersion: 2, manifests: [child.descriptor] });
  await putManifest(ask, 'a', 'all', index, 'application/vnd.oci.image.index.v1+json');
  age(root);
  assert.equal((await collectGarbage(store, { olderThanMs: hour })).manifests, 0);
  age(root);
  const report = await collectGarbage(store, { olderThanMs: hour, untagged: true });
  assert.deepEqual([report.manifests, report.blobs], [1, 2]);
  assert.equal((await ask('GET', `/v2/a/manifests/${loose.digest}`)).status, 404);
  assert.equal((await ask('GET', `/v2/a/manifests/${child.digest}`)).status, 200);
  assert.equal((await ask('GET', `/v2/a/manifests/${referrer.digest}`)).status, 200);
});

test('collecting beside pushes never takes what they rely on', async (t) => {
  const { ask, root } = await openRegistry(t);
  const store = await openFsRegistryStore(root);
  let going = true;
  const collecting = (async () => {
    while (going) await collectGarbage(store, { olderThanMs: hour });
  })();
  for (let at = 0; at < 30; at++) {
    const layers = ['always the same', `layer ${at % 3}`];
    age(root);
    const made = await makeManifest(ask, 'a', { layers });
    assert.equal((await putManifest(ask, 'a', `t${at}`, made.text)).status, 201, `image ${at}`);
    for (const layer of layers) {
      assert.equal((await ask('GET', `/v2/a/blobs/${digest(layer)}`)).status, 200, `image ${at}`);
    }
    await ask('DELETE', `/v2/a/manifests/${made.digest}`);
  }
  going = false;
  await collecting;
});
