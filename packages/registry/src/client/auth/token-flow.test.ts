import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { OneBuildError } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import type { Credential, CredentialSource } from '../credentials/credential-source.ts';
import {
  readRequest,
  type Script,
  sendError,
  sendJson,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';

const digest = digestOf('x');
const password: Credential = { type: 'password', username: 'ann', password: 'correct horse' };
const basic = `Basic ${Buffer.from('ann:correct horse').toString('base64')}`;

/** A registry that wants a token from `/token`, served by the same host. */
function tokenRegistry(
  giveToken: (request: IncomingMessage, url: URL, body: string) => { status?: number; body?: unknown },
  accept: (authorization: string | undefined, request: IncomingMessage) => boolean = (text) =>
    text === 'Bearer good',
): Script {
  return async (request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const body = (await readRequest(request)).toString();
    if (url.pathname === '/token') {
      const answer = giveToken(request, url, body);
      return sendJson(response, answer.status ?? 200, answer.body ?? { token: 'good' });
    }
    if (accept(request.headers.authorization, request)) return void response.end();
    challenge(response, `Bearer realm="${url.origin}/token",service="reg",scope="repository:app:pull"`);
  };
}

function challenge(response: ServerResponse, text: string): void {
  response.setHeader('www-authenticate', text);
  sendError(response, 401, 'UNAUTHORIZED', 'authentication required');
}

async function ask(host: string, credential?: Credential, repository = 'app'): Promise<boolean> {
  using client = createTestClient({ credentials: () => Promise.resolve(credential) });
  return await client.hasBlob({ registry: host, repository }, digest);
}

test('an anonymous token is asked for, and used for what follows', async () => {
  await using server = await startScriptedServer(tokenRegistry(() => ({ body: { access_token: 'good' } })));
  using client = createTestClient();
  const repository = { registry: server.host, repository: 'app' };
  for (let i = 0; i < 3; i++) assert.equal(await client.hasBlob(repository, digest), true);
  const tokens = server.seen.filter(({ url }) => url.startsWith('/token'));
  assert.equal(tokens.length, 1);
  const query = new URL(tokens[0]?.url ?? '', 'http://x').searchParams;
  assert.equal(query.get('service'), 'reg');
  assert.deepEqual(query.getAll('scope'), ['repository:app:pull']);
  assert.equal(query.get('account'), null);
  assert.equal(tokens[0]?.headers.authorization, undefined);
});

test('parallel calls share one token request', async () => {
  await using server = await startScriptedServer(tokenRegistry(() => ({})));
  using client = createTestClient();
  const repository = { registry: server.host, repository: 'app' };
  await Promise.all(Array.from({ length: 8 }, (_, i) => client.hasBlob(repository, digestOf(String(i)))));
  assert.equal(server.seen.filter(({ url }) => url.startsWith('/token')).length, 1);
});

test('a password goes to the token server, and nowhere else', async () => {
  await using server = await startScriptedServer(
    tokenRegistry((request, url) =>
      request.headers.authorization === basic && url.searchParams.get('account') === 'ann'
        ? {}
        : { status: 401 },
    ),
  );
  assert.equal(await ask(server.host, password), true);
  for (const { url, headers } of server.seen) {
    if (!url.startsWith('/token')) assert.doesNotMatch(headers.authorization ?? '', /^Basic/);
  }
});

test('a token server without GET gets a POST with the password', async () => {
  await using server = await startScriptedServer(
    tokenRegistry((request, _, body) => {
      if (request.method === 'GET') return { status: 405 };
      const form = new URLSearchParams(body);
      const right = form.get('grant_type') === 'password' && form.get('password') === 'correct horse';
      return right && form.get('username') === 'ann' && form.get('scope') === 'repository:app:pull'
        ? {}
        : { status: 401 };
    }),
  );
  assert.equal(await ask(server.host, password), true);
});

test('an identity token is traded by POST', async () => {
  await using server = await startScriptedServer(
    tokenRegistry((request, _, body) => {
      const form = new URLSearchParams(body);
      const right = request.method === 'POST' && form.get('grant_type') === 'refresh_token';
      return right && form.get('refresh_token') === 'identity' ? {} : { status: 401 };
    }),
  );
  assert.equal(await ask(server.host, { type: 'identity-token', token: 'identity' }), true);
});

test('a ready access token is shown as it is', async () => {
  await using server = await startScriptedServer(tokenRegistry(() => ({ status: 500 })));
  assert.equal(await ask(server.host, { type: 'bearer', token: 'good' }), true);
  await assert.rejects(ask(server.host, { type: 'bearer', token: 'bad\r\nx: y' }), {
    code: 'REGISTRY_UNAUTHORIZED',
  });
});

test('basic authentication without a token server', async () => {
  await using server = await startScriptedServer((request, response) => {
    if (request.headers.authorization === basic) return void response.end();
    challenge(response, 'Basic realm="x"');
  });
  assert.equal(await ask(server.host, password), true);
  await assert.rejects(ask(server.host), { code: 'REGISTRY_UNAUTHORIZED', message: /needs a login/ });
  const wrong = { ...password, password: 'wrong password' } as Credential;
  await assert.rejects(ask(server.host, wrong), (error: OneBuildError) => {
    assert.equal(error.code, 'REGISTRY_UNAUTHORIZED');
    assert.match(error.message, /does not accept the credentials of ann/);
    assert.doesNotMatch(`${error.message}${error.hint}`, /wrong password/);
    return true;
  });
});

test('a refused login is one fault, without a retry and without the password', async () => {
  await using server = await startScriptedServer(
    tokenRegistry((request) => ({ status: 401, body: { details: request.headers.authorization } })),
  );
  await assert.rejects(ask(server.host, password), (error: OneBuildError) => {
    assert.equal(error.code, 'REGISTRY_UNAUTHORIZED');
    assert.match(error.message, /does not accept the credentials of ann/);
    assert.doesNotMatch(error.message, /correct horse|Basic/);
    return true;
  });
  await assert.rejects(ask(server.host), { code: 'REGISTRY_UNAUTHORIZED', message: /wants a login/ });
  assert.equal(server.seen.filter(({ url }) => url.startsWith('/token')).length, 2);
});

test('a token that ran out is replaced, by the clock and by a refusal', async () => {
  let now = 1_000_000;
  let given = 0;
  let valid = '';
  await using server = await startScriptedServer(
    tokenRegistry(
      () => {
        valid = `token-${++given}`;
        return { body: { token: valid, expires_in: 100 } };
      },
      (authorization) => authorization === `Bearer ${valid}`,
    ),
  );
  using client = createTestClient({ clock: () => now });
  const repository = { registry: server.host, repository: 'app' };
  await client.hasBlob(repository, digest);
  await client.hasBlob(repository, digest);
  assert.equal(given, 1);
  now += 99_000;
  await client.hasBlob(repository, digest);
  assert.equal(given, 2);
  valid = 'revoked';
  await client.hasBlob(repository, digest);
  assert.equal(given, 3);
});

test('a registry that refuses every token is given up', async () => {
  await using server = await startScriptedServer(
    tokenRegistry(
      () => ({}),
      () => false,
    ),
  );
  await assert.rejects(ask(server.host), { code: 'REGISTRY_UNAUTHORIZED' });
  assert.ok(server.seen.length < 10);
});

test('rights that the registry asks for beyond ours are asked for', async () => {
  await using server = await startScriptedServer(
    tokenRegistry((_, url) => ({
      body: { token: url.searchParams.getAll('scope').includes('registry:special:*') ? 'good' : 'x' },
    })),
  );
  await using special = await startScriptedServer((request, response) => {
    if (request.headers.authorization === 'Bearer good') return void response.end();
    challenge(response, `Bearer realm="http://${server.host}/token",scope="registry:special:*"`);
  });
  assert.equal(await ask(special.host), true);
});

test('a mount asks for both repositories at once, then one token serves the upload', async () => {
  await using server = await startScriptedServer(async (request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    await readRequest(request);
    if (url.pathname === '/token') return sendJson(response, 200, { token: 'good' });
    if (request.headers.authorization !== 'Bearer good')
      return challenge(response, `Bearer realm="${url.origin}/token"`);
    if (request.method === 'HEAD') return sendError(response, 404, 'BLOB_UNKNOWN');
    if (request.method === 'POST') {
      response.writeHead(202, { location: '/v2/app/blobs/uploads/1' });
      return void response.end();
    }
    response.writeHead(201).end();
  });
  using client = createTestClient();
  const bytes = Buffer.from('x');
  const blob = { descriptor: { mediaType: 'a/b', digest, size: 1 }, open: () => [bytes] as never };
  const pushed = await client.pushBlob({ registry: server.host, repository: 'app' }, blob, {
    mountFrom: ['base/os'],
  });
  assert.equal(pushed.how, 'sent');
  const scopes = server.seen
    .filter(({ url }) => url.startsWith('/token'))
    .map(({ url }) => new URL(url, 'http://x').searchParams.getAll('scope'));
  assert.deepEqual(scopes, [['repository:app:pull,push', 'repository:base/os:pull']]);
});

for (const [what, realm] of [
  ['another scheme', 'ftp://example.com/token'],
  ['a path', '/token'],
  ['nothing', ''],
  ['a user in it', 'http://user:pw@example.com/token'],
] as const) {
  test(`a realm with ${what} is refused`, async () => {
    await using server = await startScriptedServer((_, response) =>
      challenge(response, `Bearer realm="${realm}"`),
    );
    await assert.rejects(ask(server.host, password), { code: 'REGISTRY_PROTOCOL', message: /token server/ });
  });
}

test('credentials are not sent to a realm without TLS elsewhere', async () => {
  await using server = await startScriptedServer((_, response) =>
    challenge(response, 'Bearer realm="http://auth.example.com/token"'),
  );
  using client = createTestClient({
    credentials: () => Promise.resolve(password),
    endpoints: { 'registry.test': `http://${server.host}` },
  });
  // the registry itself is called without TLS, and that is the user's decision; its token server is not
  await assert.rejects(client.hasBlob({ registry: 'registry.test', repository: 'app' }, digest), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /without TLS/,
  });
});

for (const [what, body] of [
  ['no token', {}],
  ['an empty token', { token: '' }],
  ['a number', { token: 5 }],
  ['a token that no header may have', { token: 'a\r\nb: c' }],
  ['a list', []],
] as const) {
  test(`a token server that gives ${what} breaks the protocol`, async () => {
    await using server = await startScriptedServer(tokenRegistry(() => ({ body })));
    await assert.rejects(ask(server.host), { code: 'REGISTRY_PROTOCOL', message: /no token/ });
  });
}

test('a token server that sends without end is cut off', async () => {
  await using server = await startScriptedServer((request, response) => {
    if (!request.url?.startsWith('/token')) {
      return challenge(response, `Bearer realm="http://${request.headers.host}/token"`);
    }
    const timer = setInterval(() => response.write(' '.repeat(100_000)), 1);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(ask(server.host), { code: 'REGISTRY_PROTOCOL' });
});

test('a token server that fails for a moment is asked again', async () => {
  let asked = 0;
  await using server = await startScriptedServer(tokenRegistry(() => (++asked < 3 ? { status: 503 } : {})));
  assert.equal(await ask(server.host), true);
});

test('credentials are asked for by registry, repository and purpose, once each', async () => {
  const questions: string[] = [];
  const credentials: CredentialSource = (...question) => {
    questions.push(question.join(' '));
    return Promise.resolve(password);
  };
  await using server = await startScriptedServer(tokenRegistry(() => ({})));
  using client = createTestClient({ credentials });
  for (const repository of ['a', 'a', 'b'])
    await client.hasBlob({ registry: server.host, repository }, digest);
  await client.deleteManifest({ registry: server.host, repository: 'a', digest });
  assert.deepEqual(questions, [`${server.host} a pull`, `${server.host} b pull`, `${server.host} a push`]);
});

test('a redirect to another host takes no credentials along', async () => {
  await using storage = await startScriptedServer((_, response) => void response.end('x'));
  await using server = await startScriptedServer((request, response) => {
    if (request.headers.authorization !== basic) return challenge(response, 'Basic realm="x"');
    response.writeHead(307, { location: `http://${storage.host}/object?signature=1` }).end();
  });
  using client = createTestClient({ credentials: () => Promise.resolve(password) });
  const descriptor = { mediaType: 'a/b', digest, size: 1 };
  for await (const chunk of client.blob({ registry: server.host, repository: 'app' }, descriptor)) {
    assert.equal(Buffer.from(chunk).toString(), 'x');
  }
  assert.equal(storage.seen.length, 1);
  assert.equal(storage.seen[0]?.headers.authorization, undefined);
});

test('a host behind a redirect cannot ask for credentials', async () => {
  await using thief = await startScriptedServer((_, response) => challenge(response, 'Basic realm="x"'));
  await using server = await startScriptedServer((request, response) => {
    if (request.url === '/v2/') return void response.end();
    response.writeHead(307, { location: `http://${thief.host}/x` }).end();
  });
  await assert.rejects(ask(server.host, password), { code: 'REGISTRY_UNAUTHORIZED' });
  assert.equal(thief.seen.length, 1);
  assert.ok([...thief.seen, ...server.seen].every(({ headers }) => headers.authorization === undefined));
});
