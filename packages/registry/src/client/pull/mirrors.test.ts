import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { mediaTypes } from '@onebuild/oci';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { blobOf, collect } from '../testing/sample-content.ts';
import { type Script, sendError, startScriptedServer } from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';

const bytes = randomBytes(100_000);
const { descriptor } = blobOf(bytes);
const index = '{"schemaVersion":2,"manifests":[]}';
const registry = 'registry.test';
const app = { registry, repository: 'team/app' };

const working: Script = (request, response) => {
  if (request.url?.includes('/blobs/')) return void response.end(bytes);
  response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end(index);
};
const empty: Script = (_, response) => sendError(response, 404, 'NAME_UNKNOWN');

async function setUp(
  mirror: Script,
  home: Script,
  options: { path?: string; credentials?: CredentialSource } = {},
) {
  const [first, second] = [await startScriptedServer(mirror), await startScriptedServer(home)];
  const client = createTestClient({
    mirrors: { [registry]: [{ url: `http://${first.host}${options.path ?? ''}` }] },
    endpoints: { [registry]: `http://${second.host}` },
    ...(options.credentials && { credentials: options.credentials }),
  });
  return {
    client,
    mirror: first,
    home: second,
    async [Symbol.asyncDispose]() {
      client.close();
      await first.close();
      await second.close();
    },
  };
}

test('a mirror is asked first, and the registry not at all when it knows', async () => {
  await using running = await setUp(working, working, { path: '/proxy/hub/' });
  const { client, mirror, home } = running;
  await client.manifest({ ...app, tag: '1' });
  assert.ok((await collect(client.blob(app, descriptor))).equals(bytes));
  assert.equal(home.seen.length, 0);
  assert.deepEqual(
    mirror.seen.map(({ url }) => url),
    ['/v2/proxy/hub/team/app/manifests/1', `/v2/proxy/hub/team/app/blobs/${descriptor.digest}`],
  );
});

test('what a mirror lacks comes from the registry, and it is asked again for the next', async () => {
  await using running = await setUp(empty, working);
  const { client, mirror, home } = running;
  await client.manifest({ ...app, tag: '1' });
  assert.ok((await collect(client.blob(app, descriptor))).equals(bytes));
  await client.resolve({ ...app, tag: '1' });
  assert.equal(mirror.seen.length, 3);
  assert.ok(home.seen.length >= 3);
});

test('a mirror that is down is left out for a while', async () => {
  await using running = await setUp((_, response) => void response.destroy(), working);
  const { client, mirror } = running;
  await client.manifest({ ...app, tag: '1' });
  const asked = mirror.seen.length;
  assert.ok(asked <= 2);
  await client.manifest({ ...app, tag: '2' });
  assert.equal(mirror.seen.length, asked);
});

test('a blob that breaks at the mirror goes on at the registry', async () => {
  const breaking: Script = (_, response) => {
    response.writeHead(200, { 'content-length': String(bytes.length) });
    response.write(bytes.subarray(0, 40_000), () => setTimeout(() => response.destroy(), 10));
  };
  await using running = await setUp(breaking, working);
  const { client, home } = running;
  assert.ok((await collect(client.blob(app, descriptor))).equals(bytes));
  assert.match(home.seen[0]?.headers.range ?? '', /^bytes=\d+-$/);
});

test('a mirror with other content is passed over before anything is given on', async () => {
  const lying: Script = (_, response) => void response.end('short');
  await using running = await setUp(lying, working);
  const { client } = running;
  assert.ok((await collect(client.blob(app, descriptor))).equals(bytes));
});

test('where both lack it, the registry says so', async () => {
  await using running = await setUp(empty, empty);
  const { client } = running;
  await assert.rejects(client.manifest({ ...app, tag: '1' }), {
    code: 'MANIFEST_NOT_FOUND',
    message: /registry\.test\/team\/app:1/,
  });
});

test('a mirror gets its own credentials, never those of the registry', async () => {
  const questions: string[] = [];
  const credentials: CredentialSource = (host, repository) => {
    questions.push(`${host} ${repository}`);
    return Promise.resolve(undefined);
  };
  const guarded: Script = (_, response) => {
    response.setHeader('www-authenticate', 'Basic realm="x"');
    sendError(response, 401, 'UNAUTHORIZED');
  };
  await using running = await setUp(guarded, guarded, { path: '/p', credentials });
  const { client, mirror } = running;
  await assert.rejects(client.manifest({ ...app, tag: '1' }), { code: 'REGISTRY_UNAUTHORIZED' });
  assert.deepEqual(questions, [`${mirror.host} p/team/app`, `${registry} team/app`]);
});

test('pushes and lists never go to a mirror', async () => {
  const home: Script = (request, response) => {
    if (request.url?.includes('/tags/')) return void response.end('{"tags":["a"]}');
    response.end();
  };
  await using running = await setUp(working, home);
  const { client, mirror } = running;
  assert.equal(await client.hasBlob(app, descriptor.digest), true);
  for await (const tag of client.tags(app)) assert.equal(tag, 'a');
  assert.equal(mirror.seen.length, 0);
});
