import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import { seededBytes, startFaultProxy, startOneBuildRegistry, temporaryFolder } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

const scratch = temporaryFolder();
const registry = await startOneBuildRegistry();
const proxy = await startFaultProxy(registry.host);
const client = createRegistryClient();
after(async () => {
  client.close();
  await proxy.close();
  await registry.close();
});

const context = join(scratch, 'context');
mkdirSync(context);
writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY large /\nCOPY small /\n');
writeFileSync(join(context, 'large'), seededBytes('large', 300_000));

/** What the registry is asked while an image with this small file goes to `name`. */
async function push(small: string, name: string, home = 'home'): Promise<readonly string[]> {
  writeFileSync(join(context, 'small'), small);
  const before = proxy.seen.length;
  const names = [parseReference(`${proxy.host}/${name}`)];
  const { images } = await build(
    testBuildOptions({
      home: join(scratch, home),
      context: { type: 'folder', path: context },
      registry: client,
      tags: names,
      outputs: [{ type: 'push', names }],
    }),
  );
  assert.equal(images.length, 1);
  return proxy.seen.slice(before).map(({ method, url }) => {
    const what = /\/(blobs\/uploads|blobs|manifests)\//.exec(url)?.[1] ?? url;
    return `${method} ${what}${url.includes('mount=') ? ' mount' : ''}`;
  });
}

test('what the last push left there is not asked for again, and comes from there to other repositories', async () => {
  await push('one', 'team/app:1');
  assert.deepEqual((await push('two', 'team/app:1')).toSorted(), [
    'HEAD blobs', // the layer that changed; the other one is known, the config is new
    'HEAD manifests',
    'POST blobs/uploads',
    'POST blobs/uploads',
    'PUT blobs/uploads',
    'PUT blobs/uploads',
    'PUT manifests',
    'PUT manifests',
  ]);
  const moved = await push('two', 'other/app:1');
  assert.deepEqual(
    moved.filter((line) => line === 'PUT blobs/uploads').length,
    1,
    `the config alone is sent: ${moved.join(', ')}`,
  );
  assert.equal(moved.filter((line) => line === 'POST blobs/uploads mount').length, 2);
});

test('a store that knows nothing asks', async () => {
  const asked = await push('two', 'team/app:2', 'other-home');
  assert.equal(asked.filter((line) => line === 'HEAD blobs').length, 3);
  assert.equal(asked.filter((line) => line.startsWith('PUT blobs')).length, 0);
});
