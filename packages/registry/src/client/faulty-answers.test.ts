import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  assertTagsWhole,
  atMatch,
  createTokenGate,
  type FaultProxy,
  type ProxyFault,
  type RegistryService,
  type Script,
  seededBytes,
  startFaultProxy,
  startOneBuildRegistry,
  withHeaders,
} from '@onebuild/testkit';
import type { RegistryClientOptions } from './registry-client-options.ts';
import { assertClear, roundTrip, type SampleImage, sampleImage } from './testing/round-trip.ts';
import { collect } from './testing/sample-content.ts';
import { createTestClient, type TestClient } from './testing/test-client.ts';

const login = { type: 'password', username: 'ann', password: 'canary-password' } as const;
const attempts = 4;
const zeros = `sha256:${'0'.repeat(64)}`;
const upload = /^(?:PUT|PATCH) \/v2\/\S+\/blobs\/uploads\//;
const opening = /^POST \/v2\/\S+\/blobs\/uploads\//;
const closing = /^PUT \/v2\/\S+\/blobs\/uploads\//;
const blobRead = /^GET \/v2\/\S+\/blobs\/sha256/;
const tagWrite = /^PUT \/v2\/\S+\/manifests\/new$/;
const html = { 'content-type': 'text/html' };

/** What a trip came to. */
interface Trip {
  readonly error: unknown;
  readonly repository: string;
  readonly image: SampleImage;
  readonly pauses: readonly number[];
}

describe('answers of a registry that are not what they should be', { timeout: 120_000 }, () => {
  let registry: RegistryService;
  let proxy: FaultProxy;
  /** Another host, with the same content. */
  let elsewhere: FaultProxy;
  let trips = 0;
  before(async () => {
    registry = await startOneBuildRegistry();
    proxy = await startFaultProxy(registry.host);
    elsewhere = await startFaultProxy(registry.host);
  });
  after(async () => {
    await proxy.close();
    await elsewhere.close();
    await registry.close();
  });

  const clientOf = (options: RegistryClientOptions = {}): TestClient =>
    createTestClient({ retry: { attempts }, credentials: () => Promise.resolve(login), ...options });

  async function travel(script: Script, options: RegistryClientOptions = {}): Promise<Trip> {
    const repository = `trip-${trips++}`;
    const image = sampleImage((part, size) => seededBytes(`${repository}/${part}`, size));
    proxy.play(script);
    elsewhere.play();
    using client = clientOf(options);
    let error: unknown;
    await roundTrip(client, proxy.host, { image, repository }).catch((thrown: unknown) => {
      error = thrown;
    });
    if (error !== undefined) {
      assertClear(error, proxy.host, repository);
      assert.ok(!error.message.includes(login.password));
    }
    return { error, repository, image, pauses: client.pauses };
  }

  /** Behind a login; what is broken is what comes with a token or a password. */
  const gated = (inner?: Script): Script =>
    createTokenGate(proxy.host, login, (request) =>
      request.headers.authorization === undefined ? undefined : inner?.(request),
    ).script;
  const count = (what: RegExp) =>
    proxy.seen.filter(({ method, url }) => what.test(`${method} ${url}`)).length;
  const healed = ({ error }: Trip) => assert.equal(error, undefined);

  /** @param words what the message has to say beside the registry, the repository and the thing */
  async function failed({ error, repository }: Trip, code: string, words: RegExp): Promise<void> {
    assert.ok(error !== undefined, 'it worked');
    const { message } = error as Error;
    assert.equal((error as { code: string }).code, code, message);
    assert.match(message, words);
    const tags = await assertTagsWhole(registry.url);
    assert.equal(tags[`${repository}:new`], undefined);
  }

  for (const [what, chunkBytes, which] of [
    ['in the middle of an upload', 0, 1],
    ['between two chunks', 40_000, 2],
    ['at every piece', 40_000, 0],
  ] as const) {
    test(`a token that runs out ${what}`, async () => {
      let uploads = 0;
      const gate = createTokenGate(proxy.host, login, ({ method, url }) => {
        if (upload.test(`${method} ${url}`)) uploads++;
        return undefined;
      });
      const seen = new Set<string>();
      const script: Script = (request) => {
        const piece = `${request.method} ${request.url} ${request.headers['content-range']}`;
        const isUpload = upload.test(`${request.method} ${request.url}`);
        if (isUpload && !seen.has(piece) && (which === 0 || uploads + 1 === which)) gate.expire();
        if (isUpload) seen.add(piece);
        return gate.script(request);
      };
      healed(await travel(script, { chunkBytes }));
      assert.ok(gate.given() > 1, `${gate.given()} tokens`);
    });
  }

  test('token servers that fail, break off, lie', async () => {
    const token = /\/token/;
    const at = (fault: ProxyFault, times?: number) => gated(atMatch(token, fault, times));
    const words = { 'content-type': 'application/json' };
    for (const fault of [
      { do: 'reset', at: 'answer' },
      { do: 'reset', at: 'body', bytes: 10 },
      { do: 'answer', status: 503 },
    ] as const) {
      healed(await travel(at(fault, 2)));
    }
    await failed(await travel(at({ do: 'reset', at: 'answer' })), 'REGISTRY_UNREACHABLE', /broke off/);
    await failed(
      await travel(at({ do: 'answer', status: 503 })),
      'REGISTRY_UNAVAILABLE',
      /token server.* 503/,
    );
    await failed(await travel(at({ do: 'truncate', bytes: 20 })), 'REGISTRY_PROTOCOL', /token server/);
    const empty = { do: 'answer', status: 200, headers: words, body: '{"token":""}' } as const;
    await failed(await travel(at(empty)), 'REGISTRY_PROTOCOL', /token server/);
    const other = { do: 'answer', status: 200, headers: words, body: '{"token":"token-of-nobody"}' } as const;
    await failed(await travel(at(other)), 'REGISTRY_UNAUTHORIZED', /does not accept/);
    assert.ok(count(token) < 5);
  });

  test('Retry-After is heeded, and told when it asks for too much', async () => {
    const busy = (after: string) =>
      ({ do: 'answer', status: 429, headers: { 'retry-after': after }, body: '' }) as const;
    const short = await travel(gated(atMatch(tagWrite, busy('7'), 2)));
    healed(short);
    assert.deepEqual(short.pauses, [7000, 7000]);
    const long = await travel(gated(atMatch(opening, busy('86400'))));
    await failed(long, 'REGISTRY_UNAVAILABLE', /too many requests.* 86400 s/);
    assert.deepEqual(long.pauses, []);
  });

  const kinds = {
    'a look for a blob': /^HEAD \/v2\/\S+\/blobs\/sha256/,
    'the opening of an upload': opening,
    'an upload': closing,
    'a manifest': /^PUT \/v2\/\S+\/manifests\/sha256/,
    'a tag': tagWrite,
  };
  for (const [what, kind] of Object.entries(kinds)) {
    test(`a registry that fails at ${what}, without end, within the budget`, async () => {
      for (const [fault, code, words] of [
        [{ do: 'answer', status: 500 }, 'REGISTRY_UNAVAILABLE', /status 500/],
        [{ do: 'answer', status: 502, headers: html, body: '<html>' }, 'REGISTRY_UNAVAILABLE', /status 502/],
        [{ do: 'reset', at: 'request' }, 'REGISTRY_UNREACHABLE', /broke off/],
      ] as const) {
        await failed(await travel(gated(atMatch(kind, fault))), code, words);
        // a kept connection that turns out to be dead is replaced at once, and does not count as a try
        const most = fault.do === 'reset' ? 2 * attempts : attempts;
        assert.ok(count(kind) >= attempts && count(kind) <= most + 1, `${count(kind)} requests`);
      }
    });
  }

  test('a registry without HEAD', async () => {
    const body = '{"errors":[{"code":"UNSUPPORTED","message":"no HEAD"}]}';
    healed(await travel(gated(atMatch(/^HEAD/, { do: 'answer', status: 405, body }))));
    assert.equal(count(opening), 2);
  });

  const located = (edit: (location: string) => string): ProxyFault => ({
    do: 'edit',
    edit: ({ headers }) => ({ headers: { ...headers, location: edit(String(headers['location'])) } }),
  });
  const pathOf = (location: string) => location.replace(/^https?:\/\/[^/]+/, '');
  for (const [what, edit] of Object.entries({
    'an address': (location: string) => `http://${proxy.host}${pathOf(location)}`,
    'a path': pathOf,
    'a relative path': (location: string) => pathOf(location).split('/').at(-1) ?? '',
    'a query': (location: string) => `${location}${location.includes('?') ? '&' : '?'}_state=a%2Fb%3D%3D`,
  })) {
    test(`the place of an upload is ${what}`, async () => {
      for (const chunkBytes of [0, 40_000]) {
        const script = atMatch(/^(?:POST|PATCH)/, located(edit));
        healed(await travel(gated(script), { chunkBytes }));
      }
    });
  }

  test('credentials stay with their registry, wherever an upload or a redirect leads', async () => {
    const away = (location: string) => `http://${elsewhere.host}${pathOf(location)}`;
    const moved: Script = ({ method, url }) => {
      if (upload.test(`${method} ${url}`) || blobRead.test(`${method} ${url}`)) {
        return { do: 'answer', status: 307, headers: { location: `http://${elsewhere.host}${url}` } };
      }
      return undefined;
    };
    for (const script of [moved, atMatch(opening, located(away))]) {
      for (const chunkBytes of [0, 40_000]) {
        healed(await travel(gated(script), { chunkBytes }));
        assert.ok(elsewhere.seen.length >= 2);
        for (const { headers } of elsewhere.seen) assert.equal(headers.authorization, undefined);
      }
    }
    // what is wrong there is told with the name of the registry, and asks nobody for a password
    elsewhere.play(() => undefined);
    const refused: Script = ({ method, url }) =>
      blobRead.test(`${method} ${url}`)
        ? {
            do: 'answer',
            status: 307,
            headers: { location: `http://${elsewhere.host}/v2/none/blobs/${zeros}` },
          }
        : undefined;
    const trip = await travel(gated(refused));
    assert.equal((trip.error as { code: string }).code, 'BLOB_NOT_FOUND');
  });

  for (const [what, chunkBytes, kind] of [
    ['PUT', 0, closing],
    ['PATCH', 40_000, /^PATCH/],
    ['the closing PUT', 40_000, closing],
  ] as const) {
    test(`an upload that is gone at ${what}`, async () => {
      const body = '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"blob upload unknown"}]}';
      const gone = { do: 'answer', status: 404, body } as const;
      healed(await travel(gated(atMatch(kind, gone, 1)), { chunkBytes }));
      const trip = await travel(gated(atMatch(kind, gone)), { chunkBytes });
      await failed(trip, 'REGISTRY_UNAVAILABLE', /lost the upload/);
      // the config, which is one piece, came through
      assert.equal(count(opening), kind === closing ? attempts : attempts + 1);
    });
  }

  test('a repository that may not be made is not tried again and again', async () => {
    const body = '{"errors":[{"code":"NAME_UNKNOWN","message":"no such project"}]}';
    const trip = await travel(gated(atMatch(opening, { do: 'answer', status: 404, body })));
    await failed(trip, 'REGISTRY_DENIED', /no such project/);
    assert.equal(count(opening), 1);
  });

  test('an upload, a tag or a deletion whose answer was lost is not done twice', async () => {
    const lost = { do: 'reset', at: 'answer' } as const;
    const trip = await travel(gated(atMatch(closing, lost, 1)));
    healed(trip);
    assert.equal(count(closing), 2);
    healed(await travel(gated(atMatch(tagWrite, lost, 2))));
    proxy.play(gated(atMatch(/^DELETE/, lost, 1)));
    using client = clientOf();
    const reference = { registry: proxy.host, repository: trip.repository, tag: 'new' };
    // so that there is a token
    await client.resolve(reference);
    await client.deleteManifest(reference);
    assert.equal(count(/^DELETE/), 2);
    await assert.rejects(client.deleteManifest(reference), { code: 'MANIFEST_NOT_FOUND' });
  });

  test('a wrong digest in an answer', async () => {
    const lie = withHeaders({ 'docker-content-digest': zeros });
    await failed(await travel(gated(atMatch(closing, lie))), 'DIGEST_MISMATCH', /stored other content/);
    const manifest = /^PUT \/v2\/\S+\/manifests\/sha256/;
    healed(await travel(gated(atMatch(manifest, lie, 1))));
    await failed(await travel(gated(atMatch(manifest, lie))), 'DIGEST_MISMATCH', /stored other content/);
    healed(await travel(gated(atMatch(/^GET \/v2\/\S+\/manifests\//, lie, 1))));
    for (const [kind, code] of [
      [/^HEAD \/v2\/\S+\/manifests\//, 'MANIFEST_NOT_FOUND'],
      [/^GET \/v2\/\S+\/manifests\//, 'DIGEST_MISMATCH'],
    ] as const) {
      const { error } = await travel(gated(atMatch(kind, lie)));
      assert.equal((error as { code: string }).code, code);
    }
  });

  const reads = async (fault: Script, options: RegistryClientOptions = {}) => {
    const { repository, image, error } = await travel(gated());
    assert.equal(error, undefined);
    const part = image.parts.at(-1);
    assert.ok(part);
    proxy.play(gated(fault));
    using client = clientOf(options);
    const got = await collect(client.blob({ registry: proxy.host, repository }, part.descriptor)).catch(
      (thrown: Error & { code: string }) => {
        assertClear(thrown, proxy.host, repository);
        assert.ok(thrown.message.includes(part.descriptor.digest), thrown.message);
        return thrown.code;
      },
    );
    return typeof got === 'string' ? got : got.equals(part.bytes);
  };

  test('a wrong length in an answer', async () => {
    const claim = (length: number) => withHeaders({ 'content-length': String(length) });
    assert.equal(await reads(atMatch(blobRead, claim(99_999))), 'DIGEST_MISMATCH');
    assert.equal(await reads(atMatch(blobRead, claim(100_001))), 'DIGEST_MISMATCH');
    const unknown = withHeaders({ 'content-length': undefined });
    assert.equal(await reads(atMatch(blobRead, unknown)), true);
    const short = { do: 'truncate', bytes: 50_000 } as const;
    assert.equal(await reads(atMatch(blobRead, short, 2)), true);
    assert.equal(await reads(atMatch(blobRead, { do: 'truncate', bytes: 0 })), 'REGISTRY_UNREACHABLE');
    const more: ProxyFault = {
      do: 'edit',
      edit: ({ headers, body }) => ({
        headers: { ...headers, 'content-length': undefined },
        body: Buffer.concat([body, Buffer.alloc(10)]),
      }),
    };
    assert.equal(await reads(atMatch(blobRead, more)), 'DIGEST_MISMATCH');
  });

  test('ranges that are not what was asked for', async () => {
    const cut = { do: 'reset', at: 'body', bytes: 30_000 } as const;
    const then = (fault: ProxyFault): Script => {
      let first = true;
      return ({ method, url, headers }) => {
        if (!blobRead.test(`${method} ${url}`)) return undefined;
        if (headers.range !== undefined) return fault;
        if (!first) return undefined;
        first = false;
        return cut;
      };
    };
    const ranged = (range: string | undefined) => then(withHeaders({ 'content-range': range }));
    assert.equal(await reads(ranged('bytes 40000-99999/100000')), 'REGISTRY_PROTOCOL');
    assert.equal(await reads(ranged(undefined)), 'REGISTRY_PROTOCOL');
    assert.equal(await reads(ranged('bytes 30000-99999/200000')), 'DIGEST_MISMATCH');
    // says it starts at 0, and does not
    const early = await reads(ranged('bytes 0-69999/100000'));
    assert.match(String(early), /^(?:DIGEST_MISMATCH|REGISTRY_UNREACHABLE)$/);
    assert.equal(await reads(then({ do: 'answer', status: 416 })), 'REGISTRY_PROTOCOL');
  });

  test('a server that knows no ranges starts over', async () => {
    const { repository, image } = await travel(gated());
    const part = image.parts.at(-1);
    assert.ok(part);
    let asked = 0;
    proxy.play(
      gated(({ method, url }) => {
        if (!blobRead.test(`${method} ${url}`)) return undefined;
        asked++;
        if (asked === 1) return { do: 'reset', at: 'body', bytes: 30_000 };
        const headers = { 'content-length': String(part.bytes.length), 'content-range': undefined };
        return {
          do: 'edit',
          edit: (answer) => ({ status: 200, headers: { ...answer.headers, ...headers }, body: part.bytes }),
        };
      }),
    );
    using client = clientOf();
    const got = await collect(client.blob({ registry: proxy.host, repository }, part.descriptor));
    assert.ok(got.equals(part.bytes));
    assert.equal(asked, 2);
  });

  test('an upload that came together wrongly from pieces starts over', async () => {
    let uploads = 0;
    const script: Script = ({ method, url }) => {
      if (!upload.test(`${method} ${url}`)) return undefined;
      uploads++;
      // the config goes first; the layer breaks off, and what is sent behind the break is damaged on its way
      if (uploads === 2) return { do: 'reset', at: 'upload', bytes: 50_000 };
      return uploads === 3 && method === 'PATCH' ? { do: 'garble upload' } : undefined;
    };
    healed(await travel(gated(script)));
  });

  test('a source that breaks off is not taken for a registry that does', async () => {
    proxy.play(gated());
    using client = clientOf();
    const image = sampleImage((part, size) => seededBytes(`source/${part}`, size));
    const descriptor = image.parts.at(-1)?.descriptor;
    assert.ok(descriptor);
    const broken = Object.assign(new Error('read failed'), { code: 'EIO' });
    let opened = 0;
    const open = async function* () {
      opened++;
      yield Buffer.alloc(1000);
      throw broken;
    };
    const place = { registry: proxy.host, repository: 'source' };
    await assert.rejects(client.pushBlob(place, { descriptor, open }), broken);
    assert.equal(opened, 1);
  });
});
