import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { after, before, describe, it } from 'node:test';
import type { Digest } from '@onebuild/core';
import type { CacheLocation, CacheTarget } from '@onebuild/engine';
import { type Descriptor, digestOf, encodeLayerIndex } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import type { CachePlace } from '../src/cache/cache-place.ts';
import type { CacheContents, CacheRecord, ResultRecord } from '../src/cache/cache-record.ts';
import { openPlace } from '../src/cache/open-place.ts';
import { isSigned, signRecord } from '../src/cache/sign-record.ts';
import { type CacheBench, type CacheRun, cacheFrom, cacheTo, openCacheBench } from './cache-bench.ts';

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    sign: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    verify: [publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  };
}

const ours = keyPair();
const others = keyPair();
const { signal } = new AbortController();

describe('signed caches', () => {
  let bench: CacheBench;
  let alone: CacheRun;

  before(async () => {
    bench = await openCacheBench();
    alone = await bench.run({ '': { text: text() } });
  });
  after(() => bench.close());

  const text = () =>
    [
      `FROM ${bench.base} AS builder`,
      'RUN echo one > /one',
      'RUN cat /one > /two',
      `FROM ${bench.base}`,
      'COPY --from=builder /two /app/two',
      'RUN cp /app/two /three',
      'USER app',
      'RUN --mount=type=cache,target=/m,uid=1000 cat /three > /tmp/four; ls /m; echo kept > /m/kept',
      '',
    ].join('\n');
  const names = ['RUN echo one', 'RUN cat /one', 'RUN cp /app/two', 'RUN --mount'];
  const ran = ({ done }: CacheRun) => names.filter((name) => done.some((step) => step.startsWith(name)));

  const placeAt = (location: CacheLocation): CachePlace =>
    openPlace(location, { registry: bench.registry, clock: Date.now });
  const change = (at: CacheLocation, make: (contents: CacheContents) => CacheContents) =>
    placeAt(at).rewrite(make, { signal });
  const records = async (at: CacheLocation) => (await placeAt(at).read(signal))?.records ?? [];

  /** A cache that somebody wrote. */
  async function written(target: Partial<CacheTarget> = { sign: ours.sign }): Promise<CacheLocation> {
    const at = bench.place();
    const wrote = await bench.run({
      '': { text: text(), cacheTo: cacheTo(at, { mounts: true, ...target }) },
    });
    assert.deepEqual(wrote.targets, alone.targets);
    return at;
  }

  const read = (at: CacheLocation, verify = ours.verify): Promise<CacheRun> =>
    bench.run({ '': { text: text(), cacheFrom: cacheFrom(at, { verify }) } });

  it('are taken by who knows the key, and by who asks for none', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = await written();
    assert.ok((await records(at)).every((record) => isSigned(record, ours.verify)));
    for (const verify of [ours.verify, [...others.verify, ...ours.verify], []]) {
      const fresh = await read(at, verify);
      assert.deepEqual([ran(fresh), fresh.warnings], [[], []]);
      assert.deepEqual(fresh.targets, alone.targets);
    }
  });

  const all = (make: (record: CacheRecord) => CacheRecord) => (contents: CacheContents) => ({
    ...contents,
    records: contents.records.map((record) => make(record)),
  });
  const withoutSignature = (record: CacheRecord): CacheRecord => {
    const { sig: _, ...rest } = record;
    return rest as CacheRecord;
  };
  const swapped = (contents: CacheContents, kind: CacheRecord['kind'], fields: readonly string[]) => {
    const those = contents.records.filter((record) => record.kind === kind);
    const others = new Map(those.map((record, at) => [record, those[(at + 1) % those.length]]));
    return all((record) => {
      const other = (others.get(record) ?? {}) as Readonly<Record<string, unknown>>;
      return Object.assign(
        {},
        record,
        Object.fromEntries(fields.flatMap((name) => (name in other ? [[name, other[name]]] : []))),
      );
    })(contents);
  };

  const tampered: Readonly<Record<string, (contents: CacheContents) => CacheContents>> = {
    'without signatures': all(withoutSignature),
    'signed by somebody else': all((record) => signRecord(withoutSignature(record), others.sign)),
    'with other layers of steps': (contents) => swapped(contents, 'exec', ['layer']),
    'with results that changed nothing': all((record) =>
      record.kind === 'exec' ? { ...record, layer: '' } : record,
    ),
    'with keys and signatures of other steps': (contents) => swapped(contents, 'exec', ['layer', 'sig']),
    'with other blobs': (contents) => swapped(contents, 'blob', ['blob']),
    'with other diff ids': (contents) => swapped(contents, 'blob', ['diffId']),
    'with other blobs and diff ids': (contents) => swapped(contents, 'blob', ['blob', 'diffId', 'form']),
    'with other listings': (contents) => swapped(contents, 'listing', ['blob']),
  };
  it('that are not right are refused: steps run, and come to the same', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = await written();
    const whole = (await placeAt(at).read(signal)) ?? assert.fail();
    for (const [name, make] of Object.entries(tampered)) {
      await change(at, () => make(whole));
      const fresh = await read(at);
      assert.deepEqual(fresh.warnings, [], name);
      assert.deepEqual(ran(fresh), names, name);
      assert.deepEqual(fresh.targets, alone.targets, name);
      assert.equal(fresh.said, name.includes('sign') && !name.includes('steps') ? '' : 'kept\n', name);
    }
  });

  /** Somebody who may write says that a step made another layer. @returns that one's id */
  async function poison(at: CacheLocation): Promise<Digest> {
    const [builder, evil] = [bench.place(), bench.place()];
    const build = (code: string, place: CacheLocation) =>
      bench.run({ '': { text: code, target: 'builder', cacheTo: cacheTo(place) } });
    await build(text(), builder);
    await build(text().replace('RUN cat /one > /two', 'RUN echo evil > /two'), evil);
    const [good, bad] = [await records(builder), await records(evil)];
    const resultIn = (some: readonly CacheRecord[], others: readonly CacheRecord[]) =>
      some.find(
        (record): record is ResultRecord =>
          record.kind === 'exec' && !others.some(({ kind, key }) => kind === 'exec' && key === record.key),
      );
    const [step, made] = [resultIn(good, bad), resultIn(bad, good)];
    assert.ok(step !== undefined && made !== undefined && made.layer !== '');
    const { blobs } = (await placeAt(evil).read(signal)) ?? assert.fail();
    for (const descriptor of blobs.values()) await copyBlob(placeAt(evil), placeAt(at), descriptor);
    await change(at, (contents) => ({
      ...contents,
      records: [
        ...contents.records.map((record) =>
          record.kind === 'exec' && record.key === step.key
            ? withoutSignature({ ...record, layer: made.layer })
            : record,
        ),
        ...bad.filter(({ kind, key }) => (kind === 'listing' || kind === 'blob') && key === made.layer),
      ],
      blobs: new Map([...contents.blobs, ...blobs]),
    }));
    return made.layer;
  }

  async function copyBlob(from: CachePlace, to: CachePlace, descriptor: Descriptor): Promise<void> {
    const bytes = Buffer.concat(await Array.fromAsync(from.open(descriptor, signal)));
    await put(to, descriptor.mediaType, bytes);
  }

  async function put(to: CachePlace, mediaType: string, bytes: Buffer): Promise<Descriptor> {
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    const open = async function* (offset: number) {
      yield bytes.subarray(offset);
    };
    await to.put({ descriptor, open }, { signal });
    return descriptor;
  }

  const signedResults = async (at: CacheLocation, layer: Digest) =>
    (await records(at)).filter(
      (record) => 'layer' in record && record.layer === layer && isSigned(record, ours.verify),
    );

  it('are not filled by their writer with what others put into the same place', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = await written();
    const evil = await poison(at);
    const both = { cacheFrom: cacheFrom(at), cacheTo: cacheTo(at, { sign: ours.sign, mounts: true }) };
    const again = await bench.run({ '': { text: text(), ...both } });
    assert.deepEqual(ran(again), [names[1]]);
    assert.deepEqual(again.targets, alone.targets);
    assert.deepEqual(await signedResults(at, evil), []);
  });

  it('are not filled by their writer with what others put elsewhere', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const elsewhere = await written({});
    const evil = await poison(elsewhere);
    const at = bench.place();
    const taken = { cacheFrom: cacheFrom(elsewhere), cacheTo: cacheTo(at, { sign: ours.sign }) };
    const used = await bench.run({ '': { text: text(), ...taken } });
    assert.notDeepEqual(used.targets, alone.targets, 'who asks for no signature takes it');
    assert.deepEqual(await signedResults(at, evil), []);
    assert.deepEqual((await read(at)).targets, alone.targets);
  });

  it('have no cache mounts that others put there', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = await written();
    await change(
      at,
      all((record) =>
        record.kind === 'mount' ? withoutSignature({ ...record, at: record.at + 5 }) : record,
      ),
    );
    const both = { cacheFrom: cacheFrom(at), cacheTo: cacheTo(at, { sign: ours.sign, mounts: true }) };
    // its step is taken from the cache, so nobody needs it
    const { warnings } = await bench.run({ '': { text: `${text()}RUN true\n`, ...both } });
    assert.deepEqual(warnings, []);
    const mounts = (await records(at)).filter(({ kind }) => kind === 'mount');
    assert.deepEqual(
      mounts.map((record) => isSigned(record, ours.verify)),
      [false],
    );
  });

  it('take no listing of a base that others made up', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = await written();
    const nothing = Buffer.from(zstdCompressSync(encodeLayerIndex({ entries: [] })));
    const layers = new Set(
      (await records(at)).flatMap((record) => (record.kind === 'blob' ? [record.key] : [])),
    );
    const place = placeAt(at);
    const [listing] = (await records(at)).filter((record) => record.kind === 'listing');
    assert.ok(listing);
    const { mediaType = '' } = (await place.read(signal))?.blobs.get(listing.blob) ?? {};
    const made = await put(place, mediaType, nothing);
    let count = 0;
    await change(at, (contents) => ({
      ...all((record) => {
        if (record.kind !== 'listing' || layers.has(record.key)) return record;
        count++;
        return withoutSignature({ ...record, blob: made.digest });
      })(contents),
      blobs: new Map([...contents.blobs, [made.digest, made]]),
    }));
    assert.equal(count, 1, 'a listing of the base is there');
    const fresh = await read(at);
    assert.deepEqual([fresh.targets, fresh.warnings], [alone.targets, []]);
    // who asks for no signature finds out when the files come, and keeps nothing of it
    const step = `FROM ${bench.base}\nWORKDIR /etc\n`;
    const other = await bench.run({ '': { text: step, cacheFrom: cacheFrom(at) } });
    const good = await bench.run({ '': { text: step } });
    assert.notDeepEqual(other.targets, good.targets);
    const { home } = other;
    assert.deepEqual((await bench.run({ '': { text: step } }, { home })).targets, good.targets);
    const text2 = `${step}RUN ls / > /ls\n`;
    const found = await bench.run({ '': { text: text2, cacheFrom: cacheFrom(at) } });
    assert.match(found.warnings.join('\n'), /^CacheDamaged: /);
    assert.deepEqual(found.targets, (await bench.run({ '': { text: text2 } })).targets);
  });
});
