import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseReference } from '@onebuild/oci';
import { parseCacheFrom, parseCacheTo } from './parse-cache.ts';

const warnings: string[] = [];
const image = parseReference('reg.io/team/app:1.0');
const surroundings = { cwd: '/work', image, warn: (text: string) => warnings.push(text) };
const from = (text: string) => parseCacheFrom(text, surroundings);
const to = (text: string) => parseCacheTo(text, surroundings);
const plain = { mode: 'min', mounts: false, maxAgeDays: 30, ignoreError: true };

test('a cache in a registry: by its type, by its name alone, beside the image', () => {
  const at = (repository: string, tag: string) => ({
    type: 'registry',
    reference: { registry: 'reg.io', repository, tag },
  });
  assert.deepEqual(from('type=registry,ref=reg.io/c:x'), {
    source: { location: at('c', 'x'), mounts: true },
    keyFiles: [],
  });
  assert.deepEqual(to('reg.io/c:x'), { target: { location: at('c', 'x'), ...plain } });
  assert.deepEqual(to('type=registry')?.target.location, at('team/app', 'onebuild-cache'));
  assert.deepEqual(from('reg.io/c')?.source.location, at('c', 'onebuild-cache'), 'latest is an image');
});

test('a cache in a folder', () => {
  assert.deepEqual(from('type=local,src=c,tag=main')?.source.location, {
    type: 'local',
    path: '/work/c',
    tag: 'main',
  });
  assert.deepEqual(to('type=local,dest=/c')?.target.location, {
    type: 'local',
    path: '/c',
    tag: 'onebuild-cache',
  });
  assert.deepEqual(to('"type=local","dest=/a,b"')?.target.location, {
    type: 'local',
    path: '/a,b',
    tag: 'onebuild-cache',
  });
  assert.deepEqual(from('./c')?.source.location, { type: 'local', path: '/work/c', tag: 'onebuild-cache' });
});

test('all that can be said of a cache', () => {
  assert.deepEqual(
    to(
      'type=registry,ref=r.io/c:x,mode=max,mounts=true,mounts-size=2GB,max-size=20g,max-age=2w,sign=k.pem,ignore-error=false',
    ),
    {
      target: {
        location: { type: 'registry', reference: { registry: 'r.io', repository: 'c', tag: 'x' } },
        mode: 'max',
        mounts: true,
        mountSize: 2 * 2 ** 30,
        maxSize: 20 * 2 ** 30,
        maxAgeDays: 14,
        ignoreError: false,
      },
      keyFile: '/work/k.pem',
    },
  );
  const read = from('type=registry,ref=r.io/c:x,mounts=false,verify=a.pub:/b.pub,verify=c.pub');
  assert.equal(read?.source.mounts, false);
  assert.deepEqual(read?.keyFiles, ['/work/a.pub', '/b.pub', '/work/c.pub']);
});

test('fields of buildx that change nothing are said once', () => {
  const said = (text: string): readonly string[] => {
    warnings.length = 0;
    assert.deepEqual(to(`r.io/c:x`), to(text));
    return [...warnings];
  };
  const base = 'type=registry,ref=r.io/c:x';
  assert.deepEqual(said(`${base},oci-mediatypes=true,image-manifest=true`), []);
  assert.equal(said(`${base},image-manifest=false`).length, 1);
  assert.equal(said(`${base},compression=zstd,compression-level=3,force-compression=true`).length, 3);
});

test('types that only buildx has are left out with a word of what to use', () => {
  for (const type of ['gha,mode=max', 'inline', 's3,region=eu,bucket=b', 'azblob,name=x']) {
    warnings.length = 0;
    assert.equal(to(`type=${type}`), undefined);
    assert.match(warnings.join(), /is not supported and left out: use type=registry/);
  }
});

test('mistakes are told with what was probably meant', () => {
  const cases: readonly [() => unknown, RegExp][] = [
    [() => to('type=registry,ref=r.io/c:x,mdoe=max'), /Did you mean mode=\?/],
    [() => to('type=registry,ref=r.io/c:x,mode=maximum'), /Modes are min/],
    [() => to('type=regitsry,ref=r.io/c:x'), /Did you mean type=registry\?/],
    [() => from('type=local,dest=x'), /needs src=FOLDER/],
    [() => from('ref=r.io/c:x'), /type is missing/],
    [() => from('type=registry,ref=r.io/c:x,sign=k'), /Fields are .*verify/],
    [() => to('type=registry,ref=r.io/c:x,max-age=0d'), /age of at least a day/],
    [() => to('type=registry,ref=r.io/c:x,mounts=yes'), /not true or false/],
    [() => to('type=registry,ref=r.io/c:x,registry.insecure=true'), /--insecure-registry/],
    [() => to(`type=registry,ref=r.io/c@sha256:${'a'.repeat(64)}`), /not by a digest/],
    [() => from('type=registry,ref=r.io/c:x,verify='), /names no file/],
    [() => to('type=local,dest=x,tag=a/b'), /not a tag/],
    [() => parseCacheTo('type=registry', { ...surroundings, image: undefined }), /ref=REGISTRY/],
    [() => to('"type=registry'), /quote is not closed/],
  ];
  for (const [work, expected] of cases) {
    assert.throws(work, (error) => {
      assert.ok(isFault(error, 'USAGE'));
      assert.match(`${error.message} ${error.hint ?? ''}`, expected);
      return true;
    });
  }
});
