import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseReference } from '@onebuild/oci';
import { parseOutput } from './parse-output.ts';

const tags = [parseReference('registry.example.com/app:1')];
const stdout = new PassThrough();
const parse = (text: string, more: { isTTY?: boolean; tags?: typeof tags } = {}) =>
  parseOutput(text, {
    cwd: '/home/me',
    tags: more.tags ?? tags,
    stdout: Object.assign(Object.create(stdout) as PassThrough, { isTTY: more.isTTY }),
    warn() {},
  });

test('every type of output', () => {
  for (const [text, output] of [
    ['out', { type: 'local', dest: '/home/me/out' }],
    ['type=local,dest=/abs', { type: 'local', dest: '/abs' }],
    ['type=tar,dest=a.tar', { type: 'tar', dest: { path: '/home/me/a.tar' } }],
    ['type=oci,dest=a.tar', { type: 'oci', tar: true, dest: { path: '/home/me/a.tar' } }],
    ['type=oci,dest=dir,tar=false', { type: 'oci', tar: false, dest: { path: '/home/me/dir' } }],
    ['type=docker,dest=a.tar,name=x', { type: 'docker', tar: true, dest: { path: '/home/me/a.tar' } }],
    ['type=docker', { type: 'load', engine: 'auto' }],
    ['type=docker,engine=podman', { type: 'load', engine: 'podman' }],
    ['type=image', { type: 'store' }],
    ['type=image,push=true', { type: 'push', names: tags }],
    ['type=registry', { type: 'push', names: tags }],
    ['type=registry,push=false', { type: 'store' }],
    ['type=registry,name=localhost/b:2', { type: 'push', names: [parseReference('localhost/b:2')] }],
    [
      'type=image,push=true,"name=localhost/a,localhost/b"',
      { type: 'push', names: [parseReference('localhost/a'), parseReference('localhost/b')] },
    ],
    ['type=cacheonly', { type: 'store' }],
    [
      'type=registry,compression=zstd,compression-level=19,force-compression=true,oci-mediatypes=true',
      { type: 'push', names: tags, layers: { compression: 'zstd', level: 19, force: true } },
    ],
    ['type=image,compression=uncompressed', { type: 'store', layers: { compression: 'none' } }],
  ] as const) {
    assert.deepEqual(parse(text).output, output, text);
  }
});

test('an archive goes to standard output, unless that is a terminal', () => {
  for (const text of ['-', 'type=tar,dest=-', 'type=oci', 'type=docker,dest=-']) {
    const { output } = parse(text);
    assert.ok('dest' in output && typeof output.dest === 'object' && 'stream' in output.dest, text);
    if (text !== 'type=docker') {
      assert.throws(
        () => parse(text, { isTTY: true }),
        (error) => isFault(error, 'OUTPUT_INVALID'),
        text,
      );
    }
  }
});

test('annotations travel with an output', () => {
  const text = 'type=oci,dest=a,annotation.org.example.a=1,annotation-manifest.b=2';
  assert.deepEqual(parse(text).annotations, { 'org.example.a': '1', b: '2' });
});

test('mistakes are named', () => {
  for (const text of [
    'dest=a.tar',
    'type=oic,dest=a',
    'type=oci,dst=a',
    'type=local',
    'type=oci,tar=false',
    'type=oci,tar=maybe',
    'type=image,compression=lzma',
    'type=image,compression=gzip,compression-level=10',
    'type=image,push-by-digest=true',
    'type=docker,engine=lxc',
  ]) {
    assert.throws(
      () => parse(text),
      (error) => isFault(error, 'OUTPUT_INVALID', 'USAGE'),
      text,
    );
  }
  assert.throws(() => parse('type=oic,dest=a'), /there is no type "oic"/);
  assert.throws(
    () => parse('type=registry', { tags: [] }),
    (error) => isFault(error, 'USAGE'),
  );
});
