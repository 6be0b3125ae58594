import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseLoginKey } from './parse-login-key.ts';

test('registries as people write them', () => {
  for (const [text, registry] of [
    ['reg.example', 'reg.example'],
    ['https://Reg.Example/', 'reg.example'],
    ['https://reg.example/v2/', 'reg.example'],
    ['http://localhost:5000/team/', 'localhost:5000/team'],
    ['[::1]:5000', '[::1]:5000'],
    ['index.docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['registry-1.docker.io/library', 'docker.io/library'],
  ] as const) {
    assert.deepEqual(parseLoginKey(text, {}), { registry });
  }
  assert.deepEqual(parseLoginKey('reg.example/team', { purpose: 'push', name: 'ci-1' }), {
    registry: 'reg.example/team',
    purpose: 'push',
    name: 'ci-1',
  });
});

test('what is no registry, and no name', () => {
  for (const [text, name] of [
    ['', undefined],
    ['reg example', undefined],
    ['user@reg.example', undefined],
    ['reg.example/../x', undefined],
    ['reg.example/Team', undefined],
    ['reg.example/team:1.0', undefined],
    ['reg.example', ''],
    ['reg.example', 'a b'],
    ['reg.example', '../x'],
    ['reg.example', 'x'.repeat(65)],
  ] as const) {
    assert.throws(
      () => parseLoginKey(text, name === undefined ? {} : { name }),
      (error) => isFault(error, 'USAGE'),
      `${text} ${name}`,
    );
  }
});
