import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { CacheLocation } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { requireProgram, startOneBuildRegistry } from '@onebuild/testkit';
import { type CacheBench, cacheFrom, cacheTo, openCacheBench } from './cache-bench.ts';

/** A secret in all its forms that somebody could read. */
function formsOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const texts = [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64')];
  return texts.map((text) => Buffer.from(text.replace(/=+$/, '')));
}

const frameStart = Buffer.from('28b52ffd', 'hex');

/** The bytes, and what they hold packed: whole, or in frames one after the other. */
function* unpacked(bytes: Buffer): Generator<Buffer> {
  yield bytes;
  if (bytes.subarray(0, 2).equals(Buffer.from('1f8b', 'hex'))) yield gunzipSync(bytes);
  for (let at = bytes.indexOf(frameStart); at >= 0; at = bytes.indexOf(frameStart, at + 1)) {
    let end = bytes.indexOf(frameStart, at + 1);
    for (let found = false; !found; end = bytes.indexOf(frameStart, end + 1)) {
      if (end < 0) end = bytes.length;
      try {
        yield zstdDecompressSync(bytes.subarray(at, end));
        found = true;
      } catch {
        // the four bytes stood inside of a frame
      }
      if (end === bytes.length) break;
    }
  }
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('a secret is nowhere in a cache', () => {
  let bench: CacheBench;

  before(async () => {
    bench = await openCacheBench();
  });
  after(() => bench.close());

  /** Files below the folder in which, packed or not, the secret stands. */
  const holding = (folder: string, secret: string) =>
    filesUnder(folder).filter((path) =>
      [...unpacked(readFileSync(path))].some((bytes) => formsOf(secret).some((form) => bytes.includes(form))),
    );

  it('whatever a step does with it, but for its files', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    await using service = await startOneBuildRegistry();
    const context = bench.context();
    const long = randomBytes(300_000).toString('base64');
    writeFileSync(`${bench.scratch}/long-secret`, long);
    const values = {
      mounted: 'mounted-secret-4711',
      variable: 'variable-secret-4712',
      printed: 'printed-secret-4713',
      kept: 'kept-secret-4714',
      named: 'named-secret-4715',
      linked: 'linked-secret-4716',
    };
    const secrets = {
      ...Object.fromEntries(
        Object.entries(values).map(([id, value]) => [id, { type: 'value', value } as const]),
      ),
      long: { type: 'file', path: `${bench.scratch}/long-secret` } as const,
    };
    const passwords = ['proxy-password-4717', 'other-password-4718', 'argument-password-4719'];
    const steps = [
      '--mount=type=secret,id=mounted wc -c < /run/secrets/mounted > /length',
      '--mount=type=secret,id=variable,env=TOKEN echo ${#TOKEN} > /length-too',
      '--mount=type=secret,id=printed cat /run/secrets/printed /run/secrets/printed >&2',
      '--mount=type=cache,target=/m --mount=type=secret,id=kept (seq 50000; cat /run/secrets/kept; seq 50000) > /m/kept && echo a-line-of-a-mount > /m/plain && echo more > /m/more',
      '--mount=type=cache,target=/m --mount=type=secret,id=kept cp /m/kept /m/copy && sed -n 40000,60000p /m/kept > /m/part',
      '--mount=type=cache,target=/m --mount=type=secret,id=named echo x > /m/$(cat /run/secrets/named)',
      '--mount=type=cache,target=/m --mount=type=secret,id=linked ln -s $(cat /run/secrets/linked) /m/link',
      '--mount=type=cache,target=/m --mount=type=secret,id=long (cat /bin/busybox; cat /run/secrets/long) > /m/long',
      'env | grep -c PASSWORD > /passwords; echo a-line-of-a-layer > /line',
    ];
    const text = `FROM ${bench.base}\nARG MY_PASSWORD\n${steps.map((step) => `RUN ${step}\n`).join('')}`;
    const local = { type: 'local', path: bench.path('cache'), tag: 'latest' } as const;
    const places: readonly CacheLocation[] = [
      { type: 'registry', reference: parseReference(`${service.host}/app:onebuild-cache`) },
      local,
    ];
    const proxy = `http://me:${passwords[0]}@127.0.0.1:9`;
    const wrote = await bench.run(
      {
        '': {
          text,
          secrets,
          context: { type: 'folder', path: context },
          buildArgs: {
            MY_PASSWORD: passwords[2] ?? '',
            HTTPS_PROXY: `http://me:${passwords[1]}@127.0.0.1:9`,
          },
          cacheTo: places.flatMap((place) => cacheTo(place, { mounts: true })),
        },
      },
      { proxy: { HTTP_PROXY: proxy } },
    );
    for (const folder of [service.dir, local.path]) {
      assert.ok(filesUnder(folder).length > 10);
      for (const secret of [...Object.values(values), ...passwords])
        assert.deepEqual(holding(folder, secret), [], secret);
      assert.deepEqual(holding(folder, long.slice(-64)), []);
      // they are looked for where they would be
      assert.notDeepEqual(holding(folder, 'a-line-of-a-layer'), []);
      assert.notDeepEqual(holding(folder, 'a-line-of-a-mount'), []);
    }
    assert.match(wrote.warnings.join('\n'), /^CacheMountLeftOut: /m);
    for (const place of places) {
      const ls = { text: `FROM ${bench.base}\nRUN --mount=type=cache,target=/m ls /m\n` };
      const { said } = await bench.run({ '': { ...ls, cacheFrom: cacheFrom(place) } });
      assert.equal(said, 'more\nplain\n');
    }
  });
});
