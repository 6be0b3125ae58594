import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry } from '../testing/open-registry.ts';
import { makeManifest, putManifest, type RawClient } from '../testing/raw-client.ts';

async function follow(ask: RawClient, path: string, key: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer = await ask('GET', next);
    assert.equal(answer.status, 200);
    pages.push((answer.json() as Record<string, string[]>)[key] ?? []);
    next = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
  }
  return pages;
}

test('tags come in ASCII order, in pages', async (t) => {
  const { ask } = await openRegistry(t);
  const made = await makeManifest(ask, 'a/b');
  for (const tag of ['b', 'B', '10', '2', 'a', '_x']) await putManifest(ask, 'a/b', tag, made.text);
  const all = ['10', '2', 'B', '_x', 'a', 'b'];
  const list = '/v2/a/b/tags/list';
  assert.deepEqual(await follow(ask, list, 'tags'), [all]);
  assert.deepEqual(await follow(ask, `${list}?n=4`, 'tags'), [all.slice(0, 4), all.slice(4)]);
  assert.deepEqual(await follow(ask, `${list}?n=3`, 'tags'), [all.slice(0, 3), all.slice(3)]);
  assert.deepEqual(await follow(ask, `${list}?last=B`, 'tags'), [['_x', 'a', 'b']]);
  assert.deepEqual(await follow(ask, `${list}?n=0`, 'tags'), [[]]);
  assert.equal((await ask('GET', `${list}?n=-1`)).status, 400);
  assert.equal((await ask('GET', '/v2/nowhere/tags/list')).code, 'NAME_UNKNOWN');
});

test('the catalog has the repositories with manifests, in ASCII order, in pages', async (t) => {
  const { ask } = await openRegistry(t);
  for (const name of ['b', 'a/b', 'a', 'a-b', 'a/b/c']) {
    const made = await makeManifest(ask, name);
    await putManifest(ask, name, 'v1', made.text);
  }
  await makeManifest(ask, 'only-blobs');
  const all = ['a', 'a-b', 'a/b', 'a/b/c', 'b'];
  assert.deepEqual(await follow(ask, '/v2/_catalog', 'repositories'), [all]);
  assert.deepEqual(await follow(ask, '/v2/_catalog?n=2', 'repositories'), [
    all.slice(0, 2),
    all.slice(2, 4),
    all.slice(4),
  ]);
});

test('a long list of referrers comes in pages that clients can take', async (t) => {
  const { ask } = await openRegistry(t);
  const subject = await makeManifest(ask, 'a');
  const pushed: string[] = [];
  for (let at = 0; at < 3; at++) {
    const annotations = { note: 'x'.repeat(1_500_000) };
    const extra = { subject: subject.descriptor, annotations };
    const one = await makeManifest(ask, 'a', { layers: [`layer ${at}`], extra });
    await putManifest(ask, 'a', one.digest, one.text);
    pushed.push(one.digest);
  }
  const found: string[] = [];
  let pages = 0;
  for (let next: string | undefined = `/v2/a/referrers/${subject.digest}`; next !== undefined; pages++) {
    const answer = await ask('GET', next);
    assert.ok(answer.body.length <= 4 * 1024 * 1024);
    found.push(...(answer.json() as { manifests: { digest: string }[] }).manifests.map((one) => one.digest));
    next = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
  }
  assert.equal(pages, 2);
  assert.deepEqual(found, pushed.sort());
});
