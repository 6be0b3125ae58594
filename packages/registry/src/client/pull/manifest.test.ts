import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Digest } from '@onebuild/core';
import { digestOf, mediaTypes } from '@onebuild/oci';
import { type Script, sendError, startScriptedServer } from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { mediaType: mediaTypes.ociConfig, digest: digestOf('{}'), size: 2 },
  layers: [],
});
const digest = digestOf(manifest);
const good = { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': digest };

/** A registry with one manifest, or whatever is given instead. */
function serve(headers: Readonly<Record<string, string>> = good, body: string | Buffer = manifest): Script {
  return (request, response) => {
    if (request.url === '/v2/') return void response.end();
    response.writeHead(200, { 'content-length': String(Buffer.byteLength(body)), ...headers });
    response.end(body);
  };
}

async function withServer<T>(
  script: Script,
  run: (
    client: ReturnType<typeof createTestClient>,
    app: { registry: string; repository: string },
    server: Awaited<ReturnType<typeof startScriptedServer>>,
  ) => Promise<T>,
): Promise<T> {
  await using server = await startScriptedServer(script);
  using client = createTestClient();
  return await run(client, { registry: server.host, repository: 'team/app' }, server);
}

test('a tag is resolved by HEAD alone', async () => {
  await withServer(serve(), async (client, app, server) => {
    const descriptor = { mediaType: mediaTypes.ociManifest, digest, size: manifest.length };
    assert.deepEqual(await client.resolve({ ...app, tag: '1' }), descriptor);
    assert.deepEqual(
      server.seen.map(({ method, url }) => `${method} ${url}`),
      ['GET /v2/', 'HEAD /v2/team/app/manifests/1'],
    );
    const accept = server.seen[1]?.headers.accept ?? '';
    for (const type of [
      mediaTypes.ociIndex,
      mediaTypes.ociManifest,
      mediaTypes.dockerIndex,
      mediaTypes.dockerManifest,
    ]) {
      assert.ok(accept.includes(type));
    }
  });
});

for (const [what, headers] of [
  ['no digest', { 'content-type': mediaTypes.ociManifest }],
  ['a digest that is none', { ...good, 'docker-content-digest': 'sha256:short' }],
  ['no type', { 'docker-content-digest': digest }],
] as const) {
  test(`a HEAD that gives ${what} is followed by a GET`, async () => {
    const script: Script = (request, response) => {
      void serve(request.method === 'HEAD' ? headers : good)(request, response);
    };
    await withServer(script, async (client, app) => {
      assert.equal((await client.resolve({ ...app, tag: '1' })).digest, digest);
    });
  });
}

test('a registry without HEAD is asked by GET', async () => {
  const script: Script = (request, response) => {
    if (request.method === 'HEAD') return void response.writeHead(405).end();
    return serve()(request, response);
  };
  await withServer(script, async (client, app) => {
    assert.equal((await client.resolve({ ...app, tag: '1' })).digest, digest);
  });
});

test('bytes that are not what the digest says are refused, after another try', async () => {
  await withServer(
    serve({ 'content-type': mediaTypes.ociManifest }, `${manifest} `),
    async (client, app, server) => {
      await assert.rejects(client.manifest({ ...app, digest }), { code: 'DIGEST_MISMATCH' });
      assert.ok(server.seen.length > 2);
    },
  );
  await withServer(serve({ ...good, 'docker-content-digest': digestOf('other') }), async (client, app) => {
    await assert.rejects(client.manifest({ ...app, tag: '1' }), { code: 'DIGEST_MISMATCH' });
    await assert.rejects(client.resolve({ ...app, digest }), { code: 'DIGEST_MISMATCH' });
  });
});

test('sha512 is as good', async () => {
  const long = `sha512:${createHash('sha512').update(manifest).digest('hex')}` as Digest;
  await withServer(serve({ ...good, 'docker-content-digest': long }), async (client, app) => {
    assert.equal((await client.manifest({ ...app, tag: '1' })).descriptor.digest, long);
    assert.equal((await client.manifest({ ...app, digest: long })).descriptor.digest, long);
  });
});

for (const [what, headers, body, code] of [
  ['a web page', { 'content-type': 'text/html; charset=utf-8' }, '<html>login</html>', 'REGISTRY_PROTOCOL'],
  ['no JSON', { 'content-type': mediaTypes.ociManifest }, 'hello', 'MANIFEST_INVALID'],
  ['a JSON list', {}, '[]', 'MANIFEST_INVALID'],
  ['both layers and manifests', {}, '{"schemaVersion":2,"layers":[],"manifests":[]}', 'MANIFEST_INVALID'],
  ['another type than its own', { 'content-type': mediaTypes.ociIndex }, manifest, 'MANIFEST_INVALID'],
  [
    'schema 1',
    { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
    '{}',
    'REGISTRY_UNSUPPORTED',
  ],
  [
    'schema 1 in disguise',
    { 'content-type': 'application/json' },
    '{"schemaVersion":1}',
    'REGISTRY_UNSUPPORTED',
  ],
  ['too many bytes', {}, Buffer.alloc(4 * 1024 * 1024 + 1, ' '), 'REGISTRY_PROTOCOL'],
] as const) {
  test(`a manifest that is ${what} is refused`, async () => {
    await withServer(serve(headers, body), async (client, app) => {
      await assert.rejects(client.manifest({ ...app, tag: '1' }), { code });
    });
  });
}

test('the type comes from the content where the registry does not know it', async () => {
  for (const type of ['application/json', 'text/plain; charset=utf-8', 'application/octet-stream']) {
    await withServer(serve({ 'content-type': type }), async (client, app) => {
      assert.equal(
        (await client.manifest({ ...app, tag: '1' })).descriptor.mediaType,
        mediaTypes.ociManifest,
      );
    });
  }
  await withServer(
    serve({ 'content-type': 'text/plain' }, '{"schemaVersion":2,"manifests":[]}'),
    async (client, app) => {
      assert.equal((await client.manifest({ ...app, tag: '1' })).descriptor.mediaType, mediaTypes.ociIndex);
    },
  );
});

test('busy registries are asked again, after the time they ask for', async () => {
  let tries = 0;
  const script: Script = (request, response) => {
    if (request.url === '/v2/') return void response.end();
    tries++;
    if (tries === 1) return void response.writeHead(429, { 'retry-after': '7' }).end();
    if (tries === 2) return void response.writeHead(503, { 'content-type': 'text/html' }).end('<html>');
    if (tries === 3) return void response.destroy();
    if (tries === 4) {
      response.writeHead(200, { ...good, 'content-length': String(manifest.length) });
      response.write(manifest.slice(0, 10), () => response.destroy());
      return undefined;
    }
    return serve()(request, response);
  };
  await withServer(script, async (client, app) => {
    assert.equal((await client.manifest({ ...app, tag: '1' })).descriptor.digest, digest);
    // a break on a kept connection costs no pause
    assert.deepEqual(client.pauses, [7000, 500, 1000]);
  });
});

test('a wait of hours is not waited', async () => {
  const script: Script = (request, response) => {
    if (request.url === '/v2/') return void response.end();
    response.setHeader('retry-after', '21600');
    sendError(response, 429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit');
  };
  await withServer(script, async (client, app) => {
    await assert.rejects(client.manifest({ ...app, tag: '1' }), {
      code: 'REGISTRY_UNAVAILABLE',
      message: /TOOMANYREQUESTS You have reached your pull rate limit/,
    });
    assert.deepEqual(client.pauses, []);
  });
});

for (const [status, code] of [
  [400, 'REGISTRY_PROTOCOL'],
  [401, 'REGISTRY_UNAUTHORIZED'],
  [403, 'REGISTRY_DENIED'],
  [404, 'MANIFEST_NOT_FOUND'],
  [405, 'REGISTRY_UNSUPPORTED'],
  [416, 'REGISTRY_PROTOCOL'],
  [418, 'REGISTRY_PROTOCOL'],
  [500, 'REGISTRY_UNAVAILABLE'],
] as const) {
  test(`status ${status} becomes ${code}, in the registry's words made harmless`, async () => {
    const script: Script = (request, response) => {
      if (request.url === '/v2/') return void response.end();
      sendError(response, status, 'SOME_CODE', `words \u001b[31m\n and more ${'x'.repeat(1000)}`);
    };
    await withServer(script, async (client, app) => {
      await assert.rejects(client.manifest({ ...app, tag: '1' }), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.ok(error.message.startsWith(`manifest ${app.registry}/team/app:1: `));
        assert.match(error.message, /SOME_CODE words \[31m and more x+\.\.\.$/);
        assert.ok(error.message.length < 500);
        return true;
      });
    });
  });
}

test('a web page instead of an error is told apart from a missing manifest', async () => {
  const script: Script = (_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>nothing here</html>');
  };
  await withServer(script, async (client, app) => {
    await assert.rejects(client.resolve({ ...app, tag: '1' }), {
      code: 'REGISTRY_PROTOCOL',
      message: /web page/,
    });
    await assert.rejects(client.manifest({ ...app, tag: '1' }), {
      code: 'REGISTRY_PROTOCOL',
      message: /web page/,
    });
  });
});

test('a repository that leads elsewhere is not asked for', async () => {
  await withServer(serve(), async (client, app) => {
    for (const repository of ['../../admin', 'a/../b', 'a//b', '', 'a?b', 'a#b', 'a%2fb', '.']) {
      await assert.rejects(client.manifest({ ...app, repository, tag: '1' }), { code: 'REFERENCE_INVALID' });
    }
  });
});
