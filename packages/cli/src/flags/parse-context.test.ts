import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseBuildContext, parseContext } from './parse-context.ts';

const cwd = mkdtempSync(join(tmpdir(), 'onebuild-context-'));
after(() => rmSync(cwd, { recursive: true }));
writeFileSync(join(cwd, 'file'), '');
const stdin = Readable.from([]);
const parse = (text: string) => parseContext(text, { cwd, stdin });

test('folders, streams, git and http', () => {
  assert.deepEqual(parse('.'), { type: 'folder', path: cwd });
  assert.deepEqual(parse('-'), { type: 'stream', stream: stdin, name: 'standard input' });
  for (const url of [
    'git@github.com:o/r.git',
    'ssh://git@host/o/r',
    'git://host/r#main:sub',
    'https://github.com/o/r.git',
    'https://github.com/o/r.git#v1:docker',
    'https://host/r.git?branch=x',
    'me@host:r',
  ]) {
    assert.deepEqual(parse(url), { type: 'git', url }, url);
  }
  assert.deepEqual(parse('github.com/o/r'), { type: 'git', url: 'https://github.com/o/r' });
  assert.deepEqual(parse('https://host/a.tar.gz'), { type: 'http', url: 'https://host/a.tar.gz' });
  for (const text of ['missing', 'file']) {
    assert.throws(
      () => parse(text),
      (error) => isFault(error, 'CONTEXT_NOT_FOUND'),
    );
  }
});

test('named contexts', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const [text, source] of [
    ['src=.', { type: 'folder', path: cwd }],
    ['a=docker-image://debian:12', { type: 'image', reference: 'debian:12' }],
    ['a=oci-layout://out:1.0', { type: 'oci-layout', path: join(cwd, 'out'), tag: '1.0' }],
    [`a=oci-layout:///out@${digest}`, { type: 'oci-layout', path: '/out', digest }],
    ['a=https://h/r.git', { type: 'git', url: 'https://h/r.git' }],
  ] as const) {
    assert.deepEqual(parseBuildContext(text, { cwd }), [text.slice(0, text.indexOf('=')), source]);
  }
  for (const text of ['a', '=x', 'a=', 'a=missing'])
    assert.throws(() => parseBuildContext(text, { cwd }), text);
});
