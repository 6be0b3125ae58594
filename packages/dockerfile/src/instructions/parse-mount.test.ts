import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseMount } from './parse-mount.ts';

const parse = (text: string) => parseMount(text, (word) => word);

test('bind: read-only unless said otherwise', () => {
  assert.deepEqual(parse('from=a,source=/b,target=/c'), {
    type: 'bind',
    from: 'a',
    source: '/b',
    target: '/c',
    readonly: true,
  });
  assert.deepEqual(parse('type=bind,dst=/c,rw'), { type: 'bind', target: '/c', readonly: false });
  assert.deepEqual(parse('type=bind,destination=/c,ro=false'), {
    type: 'bind',
    target: '/c',
    readonly: false,
  });
  assert.deepEqual(parse('type=bind,target=/c,readwrite=0'), { type: 'bind', target: '/c', readonly: true });
});

test('cache: the cleaned target names it', () => {
  assert.deepEqual(parse('type=cache,target=/a/../b/,mode=0700,uid=1,gid=2'), {
    type: 'cache',
    target: '/a/../b/',
    id: '/b',
    sharing: 'shared',
    readonly: false,
    mode: 0o700,
    uid: 1,
    gid: 2,
  });
  assert.deepEqual(parse('type=cache,id=x,target=c,sharing=PRIVATE,ro'), {
    type: 'cache',
    target: 'c',
    id: 'x',
    sharing: 'private',
    readonly: true,
  });
});

test('tmpfs sizes', () => {
  assert.deepEqual(parse('type=tmpfs,target=/t,size=1.5k'), {
    type: 'tmpfs',
    target: '/t',
    readonly: false,
    size: 1536,
  });
  assert.deepEqual(parse('type=tmpfs,target=/t,size=64MiB'), {
    type: 'tmpfs',
    target: '/t',
    readonly: false,
    size: 64 * 1024 ** 2,
  });
});

test('secret: id from id, source or target', () => {
  assert.deepEqual(parse('type=secret,id=a'), {
    type: 'secret',
    id: 'a',
    target: '/run/secrets/a',
    required: false,
  });
  assert.deepEqual(parse('type=secret,source=x/a,required'), {
    type: 'secret',
    id: 'x/a',
    target: '/run/secrets/a',
    required: true,
  });
  assert.deepEqual(parse('type=secret,target=/t/a,mode=440'), {
    type: 'secret',
    id: 'a',
    target: '/t/a',
    required: false,
    mode: 0o440,
  });
  assert.deepEqual(parse('type=secret,id=a,env=B'), { type: 'secret', id: 'a', env: 'B', required: false });
  assert.deepEqual(parse('type=secret,id=a,env='), { type: 'secret', id: 'a', env: 'a', required: false });
});

test('ssh', () => {
  assert.deepEqual(parse('type=ssh'), { type: 'ssh', id: 'default', required: false });
  assert.deepEqual(parse('type=ssh,id=a,target=/s,required=true'), {
    type: 'ssh',
    id: 'a',
    target: '/s',
    required: true,
  });
});

test('fields may be quoted', () => {
  assert.deepEqual(parse('type=bind,"target=/a,""b"""'), { type: 'bind', target: '/a,"b"', readonly: true });
});

const refused: readonly (readonly [string, RegExp])[] = [
  ['type=bnd,target=/a', /did you mean bind/],
  ['type=bind,targe=/a', /did you mean target/],
  ['type=bind,target', /needs a value/],
  ['type=bind,nonsense', /unknown option/],
  ['type=bind,target=/a,mode=755', /no option mode/],
  ['type=tmpfs,target=/a,uid=1', /no option uid/],
  ['type=tmpfs,target=/a,source=/b', /no option source/],
  ['type=bind,target=/a,sharing=shared', /no option sharing/],
  ['type=cache,target=/a,sharing=x', /unknown sharing/],
  ['type=cache,target=/a,required', /no option required/],
  ['required,type=secret,id=a', /no option required/],
  ['type=cache,target=/a,size=1', /no option size/],
  ['type=tmpfs,target=/a,size=big', /no size/],
  ['type=cache,target=/a,mode=9', /octal/],
  ['type=cache,target=/a,uid=-1', /decimal/],
  ['type=cache,target=/a,uid=99999999999', /decimal/],
  ['type=bind,target=/a,ro=maybe', /true or false/],
  ['type=secret', /needs an id/],
  ['type=secret,id=a,source=b', /both/],
  ['type=secret,id=a,from=b', /no option from/],
  ['type=ssh,source=b', /no option source/],
  ['type=bind,target=//', /as its target/],
  ['type=bind,"target=/a', /not closed/],
  ['type=bind,tar"get=/a', /quote/],
  ['type=bind,"a"b', /comma/],
];

for (const [text, message] of refused) {
  test(`refused: ${text}`, () => {
    assert.throws(
      () => parse(text),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION') && message.test(error.message),
    );
  });
}
