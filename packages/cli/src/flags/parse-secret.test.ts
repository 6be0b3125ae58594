import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fault, isFault } from '@onebuild/core';
import { parseSecret, parseSsh } from './parse-secret.ts';

const cwd = mkdtempSync(join(tmpdir(), 'onebuild-secret-'));
after(() => rmSync(cwd, { recursive: true }));
writeFileSync(join(cwd, 'token'), 'from the file');
const env = { TOKEN: 'from-the-environment', SSH_AUTH_SOCK: '/run/agent' };
const parse = (text: string) => parseSecret(text, { cwd, env });

test('secrets of files and of the environment', () => {
  const file = { type: 'file', path: join(cwd, 'token') };
  const value = { type: 'value', value: 'from-the-environment' };
  for (const [text, id, source] of [
    ['id=a,src=token', 'a', file],
    ['id=a,source=token,type=file', 'a', file],
    ['id=token', 'token', file],
    ['id=a,env=TOKEN', 'a', value],
    ['id=TOKEN', 'TOKEN', value],
    ['id=TOKEN,type=env', 'TOKEN', value],
    ['type=env,id=a,src=TOKEN', 'a', value],
  ] as const) {
    assert.deepEqual(parse(text), [id, source], text);
  }
});

test('a value from the environment is blanked out from then on', () => {
  parse('id=a,env=TOKEN');
  assert.equal(fault('USAGE', 'it is from-the-environment').message, 'it is ***');
});

test('missing secrets and wrong fields are refused', () => {
  for (const text of ['id=a,src=missing', 'id=a,env=MISSING', 'id=missing']) {
    assert.throws(
      () => parse(text),
      (error) => isFault(error, 'SECRET_NOT_FOUND'),
      text,
    );
  }
  for (const text of ['src=token', 'id=a,type=vault', 'id=a,sorce=token', 'token']) {
    assert.throws(
      () => parse(text),
      (error) => isFault(error, 'USAGE'),
      text,
    );
  }
});

test('SSH agents', () => {
  assert.deepEqual(parseSsh('default', { cwd, env }), ['default', { type: 'socket', path: '/run/agent' }]);
  assert.deepEqual(parseSsh(`a=token,${join(cwd, 'token')}`, { cwd, env }), [
    'a',
    { type: 'keys', paths: [join(cwd, 'token'), join(cwd, 'token')] },
  ]);
  assert.throws(
    () => parseSsh('a=missing', { cwd, env }),
    (error) => isFault(error, 'SSH_NOT_FOUND'),
  );
  assert.throws(
    () => parseSsh('default', { cwd, env: {} }),
    (error) => isFault(error, 'SSH_NOT_FOUND'),
  );
});
