import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { mediaTypes } from '@onebuild/oci';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { blobOf, collect } from '../testing/sample-content.ts';
import {
  readRequest,
  type Script,
  sendError,
  sendJson,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';

/** Rights by user and repository, as a token server keeps them. */
type Rights = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * A registry with accounts whose rights differ: tokens of `/token` hold what the user may do of what was asked for, and each request
 * needs its right. Blobs are kept by repository and mounted.
 */
function accountRegistry(rights: Rights, blobs: Map<string, Buffer>, realmHost?: string): Script {
  const repositoryOf = (path: string) => /^\/v2\/(.+?)\/(?:blobs|manifests|tags)\//.exec(path)?.[1] ?? '';
  return async (request, response) => {
    const url = new URL(request.url ?? '', 'http://registry');
    const body = await readRequest(request);
    if (url.pathname === '/v2/') return void response.end();
    if (url.pathname === '/token') {
      const [user = ''] = decode(request.headers.authorization).split(':');
      const granted = url.searchParams.getAll('scope').map((scope) => {
        const [, repository = '', actions = ''] = scope.split(':');
        const may = rights[user]?.[repository] ?? [];
        return [repository, actions.split(',').filter((action) => may.includes(action))] as const;
      });
      return sendJson(response, 200, { token: encode(JSON.stringify([user, granted])) });
    }
    const [user, granted] = tokenOf(request.headers.authorization);
    const may = (repository: string, action: string) =>
      granted.some(([name, actions]) => name === repository && actions.includes(action));
    const repository = repositoryOf(url.pathname);
    const from = url.searchParams.get('from');
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    if (!may(repository, writes ? 'push' : 'pull') || (from !== null && !may(from, 'pull'))) {
      const host = realmHost ?? request.headers.host;
      response.setHeader('www-authenticate', `Bearer realm="http://${host}/token",service="accounts"`);
      return sendError(response, 401, 'UNAUTHORIZED', `not ${user}`);
    }
    const digest = /blobs\/(sha256:\w+)$/.exec(url.pathname)?.[1] ?? url.searchParams.get('digest');
    if (request.method === 'POST') {
      const mounted = from === null ? undefined : blobs.get(`${from} ${url.searchParams.get('mount')}`);
      const location = `http://${realmHost ?? request.headers.host}/v2/${repository}/blobs/uploads/1`;
      return void response.writeHead(mounted === undefined ? 202 : 201, { location }).end();
    }
    if (request.method === 'PUT') {
      blobs.set(`${repository} ${digest}`, body);
      return void response.writeHead(201).end();
    }
    const blob = blobs.get(`${repository} ${digest}`);
    if (blob === undefined) return sendError(response, 404, 'BLOB_UNKNOWN');
    response.writeHead(200, { 'content-length': String(blob.length) }).end(blob);
  };
}

const encode = (text: string) => Buffer.from(text).toString('base64url');
const decode = (header = '') => Buffer.from(header.replace(/^\w+ /, ''), 'base64').toString();

function tokenOf(
  header: string | undefined,
): [user: string, granted: readonly (readonly [string, readonly string[]])[]] {
  if (!header?.startsWith('Bearer ')) return ['nobody', []];
  return JSON.parse(Buffer.from(header.slice('Bearer '.length), 'base64url').toString()) as ReturnType<
    typeof tokenOf
  >;
}

/** `reader` for pulls, `writer` for pushes. */
const credentials: CredentialSource = (_registry, _repository, purpose) =>
  Promise.resolve({
    type: 'password',
    username: purpose === 'pull' ? 'reader' : 'writer',
    password: `${purpose} password`,
  });

const bytes = randomBytes(50_000);
const { blob, descriptor } = blobOf(bytes);
const baseRights = { 'base/os': ['pull'] };
const appRights = { 'team/app': ['pull', 'push'] };

test('in one client, pulls use one account and pushes another, in all requests', async () => {
  const blobs = new Map([[`base/os ${descriptor.digest}`, bytes]]);
  const rights = { reader: baseRights, writer: appRights };
  await using server = await startScriptedServer(accountRegistry(rights, blobs));
  using client = createTestClient({ credentials });
  const base = { registry: server.host, repository: 'base/os' };
  const app = { registry: server.host, repository: 'team/app' };
  const [pulled, pushed] = await Promise.all([
    collect(client.blob(base, descriptor)),
    client.pushBlob(app, blob),
  ]);
  assert.ok(pulled.equals(bytes));
  assert.deepEqual(pushed, { how: 'sent', sentBytes: bytes.length });
  for (const { url, headers } of server.seen) {
    if (headers.authorization === undefined || url.startsWith('/token')) continue;
    assert.equal(tokenOf(headers.authorization)[0], url.includes('/base/os/') ? 'reader' : 'writer', url);
  }
});

test('a token of one account is not shown for another, also in the same repository', async () => {
  const blobs = new Map([[`team/app ${descriptor.digest}`, bytes]]);
  const rights = { reader: { 'team/app': ['pull'] }, writer: appRights };
  await using server = await startScriptedServer(accountRegistry(rights, blobs));
  using client = createTestClient({ credentials });
  const app = { registry: server.host, repository: 'team/app' };
  // the writer's token, first here, would be enough for the pull
  await client.pushBlob(app, blob);
  await collect(client.blob(app, descriptor));
  assert.equal(tokenOf(server.seen.at(-1)?.headers.authorization)[0], 'reader');
});

for (const [what, writer, how] of [
  ['who pushes may read the base: its layers are mounted', { ...baseRights, ...appRights }, 'mounted'],
  ['who pushes may not read the base: its layers are sent', appRights, 'sent'],
] as const) {
  test(what, async () => {
    const blobs = new Map([[`base/os ${descriptor.digest}`, bytes]]);
    await using server = await startScriptedServer(accountRegistry({ reader: baseRights, writer }, blobs));
    using client = createTestClient({ credentials });
    const app = { registry: server.host, repository: 'team/app' };
    await collect(client.blob({ ...app, repository: 'base/os' }, descriptor));
    const pushed = await client.pushBlob(app, blob, { mountFrom: ['base/os'] });
    assert.equal(pushed.how, how);
    // what follows is not hampered by the rights that were refused
    const { blob: second } = blobOf(Buffer.from('second'));
    assert.equal((await client.pushBlob(app, second)).how, 'sent');
  });
}

test('behind an endpoint, addresses with the public name lead to it, and logins are those of the name', async () => {
  const blobs = new Map([[`base/os ${descriptor.digest}`, bytes]]);
  const rights = { reader: baseRights, writer: { ...baseRights, ...appRights } };
  const publicName = 'registry.test';
  await using server = await startScriptedServer(accountRegistry(rights, blobs, publicName));
  const questions = new Set<string>();
  using client = createTestClient({
    endpoints: { [publicName]: `http://${server.host}` },
    credentials(registry, repository, purpose) {
      questions.add(`${registry}/${repository} ${purpose}`);
      return credentials(registry, repository, purpose);
    },
  });
  const app = { registry: publicName, repository: 'team/app' };
  assert.ok((await collect(client.blob({ ...app, repository: 'base/os' }, descriptor))).equals(bytes));
  assert.equal((await client.pushBlob(app, blob, { mountFrom: ['base/os'] })).how, 'mounted');
  const { blob: second } = blobOf(Buffer.from('second'));
  assert.equal((await client.pushBlob(app, second)).how, 'sent');
  assert.deepEqual([...questions].sort(), [`${publicName}/base/os pull`, `${publicName}/team/app push`]);
  await assert.rejects(client.pushBlob({ ...app, repository: 'team/other' }, blob), {
    message: new RegExp(`^[^]*${publicName}/team/other`),
  });
});

test('where the endpoint gives no tokens, the token server is asked under its own name', async () => {
  await using tokens = await startScriptedServer((_, response) => sendJson(response, 200, { token: 'good' }));
  await using server = await startScriptedServer((request, response) => {
    if (request.headers.authorization === 'Bearer good') return void response.end();
    if (request.url?.startsWith('/token')) return sendError(response, 404, 'NOT_FOUND');
    response.setHeader('www-authenticate', `Bearer realm="http://${tokens.host}/token"`);
    sendError(response, 401, 'UNAUTHORIZED');
  });
  using client = createTestClient({ credentials, endpoints: { [tokens.host]: `http://${server.host}` } });
  assert.equal(await client.hasBlob({ registry: tokens.host, repository: 'app' }, descriptor.digest), true);
  assert.equal(tokens.seen.length, 1);
});

test('a redirect to the public name stays at the endpoint, with its credentials', async () => {
  await using server = await startScriptedServer((request, response) => {
    if (request.headers.authorization === undefined) {
      response.setHeader('www-authenticate', 'Basic realm="x"');
      return sendError(response, 401, 'UNAUTHORIZED');
    }
    if (!request.url?.startsWith('/new')) {
      return void response.writeHead(307, { location: `https://registry.test/new${request.url}` }).end();
    }
    response
      .writeHead(200, { 'content-type': mediaTypes.ociIndex })
      .end('{"schemaVersion":2,"manifests":[]}');
  });
  using client = createTestClient({ credentials, endpoints: { 'registry.test': `http://${server.host}` } });
  await client.manifest({ registry: 'registry.test', repository: 'app', tag: '1' });
  assert.match(server.seen.at(-1)?.url ?? '', /^\/new\/v2\/app\/manifests\/1$/);
});

test('a path of the endpoint goes in front of repositories, not of what logins are looked up for', async () => {
  await using server = await startScriptedServer((request, response) => {
    if (request.headers.authorization !== undefined) return void response.end();
    response.setHeader('www-authenticate', 'Basic realm="x"');
    sendError(response, 401, 'UNAUTHORIZED');
  });
  const questions: string[] = [];
  using client = createTestClient({
    endpoints: { 'registry.test': `http://${server.host}/proxy/hub` },
    credentials(registry, repository, purpose) {
      questions.push(`${registry}/${repository}`);
      return credentials(registry, repository, purpose);
    },
  });
  await client.hasBlob({ registry: 'registry.test', repository: 'team/app' }, descriptor.digest);
  assert.deepEqual(questions, ['registry.test/team/app']);
  assert.match(server.seen.at(-1)?.url ?? '', /^\/v2\/proxy\/hub\/team\/app\/blobs\//);
});
