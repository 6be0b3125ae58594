import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, mediaTypes } from '@onebuild/oci';
import { type Script, sendError, sendJson, startScriptedServer } from './testing/scripted-server.ts';
import { createTestClient } from './testing/test-client.ts';

const digest = digestOf('subject');
const listed = (n: number, artifactType = 'application/x-a') => ({
  mediaType: mediaTypes.ociManifest,
  digest: digestOf(String(n)),
  size: n,
  artifactType,
});

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
  return await run(client, { registry: server.host, repository: 'app' }, server);
}

async function tagsOf(script: Script): Promise<readonly string[]> {
  return await withServer(script, async (client, app) => {
    const tags: string[] = [];
    for await (const tag of client.tags(app)) tags.push(tag);
    return tags;
  });
}

/** Pages of one tag each; `link` writes the header for the page after `n`. */
function pages(count: number, link: (n: number, host: string) => string): Script {
  return (request, response) => {
    if (request.url === '/v2/') return void response.end();
    const n = Number(/last=(\d+)/.exec(request.url ?? '')?.[1] ?? -1) + 1;
    const headers: Record<string, string> =
      n + 1 < count ? { link: link(n, request.headers.host ?? '') } : {};
    sendJson(response, 200, { name: 'app', tags: [`t${n}`] }, headers);
  };
}

test('tags come page by page, however the link is written', async () => {
  const forms = [
    (n: number) => `</v2/app/tags/list?n=1&last=${n}>; rel="next"`,
    (n: number, host: string) => `<http://${host}/v2/app/tags/list?last=${n}>; title="x"; rel=next`,
    (n: number) => `</v2/app/tags/list?last=0>; rel="first", <?last=${n}>; rel="next"`,
  ];
  for (const form of forms) assert.deepEqual(await tagsOf(pages(4, form)), ['t0', 't1', 't2', 't3']);
});

test('a page is fetched only when it is read', async () => {
  await withServer(
    pages(100, (n) => `</v2/app/tags/list?last=${n}>; rel="next"`),
    async (client, app, server) => {
      for await (const tag of client.tags(app)) if (tag === 't1') break;
      assert.equal(server.seen.filter(({ url }) => url.includes('tags')).length, 2);
    },
  );
});

test('tags after a text are asked for, and its page is followed like others', async () => {
  await withServer(
    pages(3, (n) => `</v2/app/tags/list?n=1&last=${n}>; rel="next"`),
    async (client, app, server) => {
      const tags = await Array.fromAsync(client.tags(app, { after: 'a tag&x=1' }));
      assert.deepEqual(tags, ['t0', 't1', 't2']);
      const [first] = server.seen.filter(({ url }) => url.includes('tags'));
      assert.equal(first?.url, '/v2/app/tags/list?n=1000&last=a%20tag%26x%3D1');
    },
  );
});

test('a link that leads away or round is refused', async () => {
  const hostile = [
    () => '<http://169.254.169.254/v2/app/tags/list>; rel="next"',
    () => '<//evil.example/v2/app/tags/list>; rel="next"',
    () => '</v2/other/tags/list?last=1>; rel="next"',
    () => '<file:///etc/passwd>; rel="next"',
    () => '<http://[>; rel="next"',
    () => '</v2/app/tags/list?last=0>; rel="next"',
  ];
  for (const link of hostile) await assert.rejects(tagsOf(pages(100, link)), { code: 'REGISTRY_PROTOCOL' });
});

test('a link that is not for the next page ends the list', async () => {
  for (const text of ['', '<x', '</v2/app/tags/list?last=0>', '<x>; rel="prev"', '<'.repeat(5000)]) {
    assert.deepEqual(await tagsOf(pages(2, () => text)), ['t0']);
  }
});

test('null is an empty list; what is no list of tags is refused', async () => {
  const answer =
    (body: unknown): Script =>
    (_, response) =>
      sendJson(response, 200, body);
  assert.deepEqual(await tagsOf(answer({ name: 'app', tags: null })), []);
  for (const bad of [{}, [], { tags: 'a' }, { tags: [1] }, { tags: ['\u001b[31m'] }, { tags: ['../x'] }]) {
    await assert.rejects(tagsOf(answer(bad)), { code: 'REGISTRY_PROTOCOL', message: /no list of tags/ });
  }
  await assert.rejects(
    tagsOf((_, response) => sendError(response, 404, 'NAME_UNKNOWN', 'repository name not known')),
    { code: 'MANIFEST_NOT_FOUND', message: /^repository 127\.0\.0\.1:\d+\/app: not found: NAME_UNKNOWN/ },
  );
});

test('referrers come from the API, over its pages, filtered by us where the registry did not', async () => {
  const script: Script = (request, response) => {
    if (request.url === '/v2/') return void response.end();
    const second = request.url?.includes('page=2');
    const manifests = second ? [listed(3, 'application/x-b')] : [listed(1), listed(2, 'application/x-b')];
    const next = `<${request.url?.split('?')[0]}?page=2>; rel="next"`;
    const headers: Record<string, string> = second ? {} : { link: next };
    sendJson(
      response,
      200,
      { schemaVersion: 2, manifests },
      { ...headers, 'content-type': mediaTypes.ociIndex },
    );
  };
  await withServer(script, async (client, app, server) => {
    const all = await client.referrers(app, digest);
    assert.deepEqual(all, [listed(1), listed(2, 'application/x-b'), listed(3, 'application/x-b')]);
    const some = await client.referrers(app, digest, { artifactType: 'application/x-b' });
    assert.deepEqual(
      some.map(({ size }) => size),
      [2, 3],
    );
    assert.ok(server.seen.some(({ url }) => url.endsWith(`${digest}?artifactType=application%2Fx-b`)));
  });
});

test('without the API the tag is read; a tag that holds something else is a fault', async () => {
  const serve =
    (status: number, body: unknown): Script =>
    (request, response) => {
      if (request.url === '/v2/') return void response.end();
      if (request.url?.includes('/referrers/'))
        return void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>');
      assert.equal(request.url, `/v2/app/manifests/${digest.replace(':', '-')}`);
      sendJson(response, 200, body, { 'content-type': mediaTypes.ociIndex });
    };
  for (const status of [200, 400, 404, 405]) {
    await withServer(serve(status, { schemaVersion: 2, manifests: [listed(1)] }), async (client, app) => {
      assert.deepEqual(await client.referrers(app, digest), [listed(1)]);
    });
  }
  await withServer(serve(404, { schemaVersion: 2, manifests: [{ digest: 'x' }] }), async (client, app) => {
    await assert.rejects(client.referrers(app, digest), { code: 'MANIFEST_INVALID' });
  });
});

test('a failing registry is not taken for one without the API', async () => {
  await withServer(
    (request, response) => void response.writeHead(request.url === '/v2/' ? 200 : 500).end(),
    async (client, app) => {
      await assert.rejects(client.referrers(app, digest), { code: 'REGISTRY_UNAVAILABLE' });
    },
  );
});

test('deletion says when it is not offered', async () => {
  await withServer(
    (request, response) => {
      if (request.url === '/v2/') return void response.end();
      sendError(response, 405, 'UNSUPPORTED', 'The operation is unsupported.');
    },
    async (client, app) => {
      await assert.rejects(client.deleteManifest({ ...app, digest }), {
        code: 'REGISTRY_UNSUPPORTED',
        message: /does not offer this: UNSUPPORTED/,
      });
    },
  );
});
