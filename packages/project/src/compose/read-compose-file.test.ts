import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { readBakeFiles } from '../bake/read-bake-files.ts';
import { interpolateCompose } from './interpolate-compose.ts';
import { readEnvFile } from './read-env-file.ts';

const facts = { env: { SET: 'set', EMPTY: '' }, now: 0, home: '/root', platform: 'linux/amd64' };

function read(text: string, options: { env?: string; profiles?: readonly string[] } = {}) {
  return readBakeFiles([{ name: 'compose.yaml', text }], {
    facts,
    ...(options.env !== undefined && { envFile: { name: '.env', text: options.env } }),
    ...(options.profiles && { profiles: options.profiles }),
  });
}

test('variables have the forms of compose files', () => {
  const lookup = (name: string): string | undefined => ({ SET: 'set', EMPTY: '' })[name];
  for (const [form, expected] of [
    ['$SET-${SET}', 'set-set'],
    ['${EMPTY:-d}${EMPTY-d}${NOT-d}', 'dd'],
    ['${SET:+r}${EMPTY:+r}${EMPTY+r}${NOT+r}', 'rr'],
    ['${NOT:-${ALSO:-in}}', 'in'],
    ['$$SET $1 $', '$SET $1 $'],
  ] as const) {
    assert.equal(interpolateCompose(form, lookup), expected);
  }
  for (const wrong of ['${NOT:?is needed}', '${EMPTY:?}', '${', '${a b}']) {
    assert.throws(
      () => interpolateCompose(wrong, lookup),
      (error) => isFault(error, 'PROJECT_EXPANSION'),
    );
  }
});

test('.env has quotes, comments and values made of others; the environment wins', () => {
  const text = '# c\nA=1 # one\nexport B="x\\n$A"\nC=\'$A\'\nD = ${A}b\n\nSET=file\n';
  const values = readEnvFile({ name: '.env', text }, (name) => ({ SET: 'outer' })[name]);
  assert.deepEqual(Object.fromEntries(values), { A: '1', B: 'x\n1', C: '$A', D: '1b', SET: 'file' });
  const { project } = read('services:\n  a:\n    build: {args: {A: $A, S: $SET}}\n', { env: text });
  assert.deepEqual(project.targets[0]?.args, { A: '1', S: 'set' });
});

test('secrets, ssh, contexts of services and profiles', () => {
  const text = `
services:
  app.web:
    build:
      secrets: [token, {source: key}]
      ssh: ["default", "k=/p"]
      additional_contexts: ["base=service:base.one"]
      privileged: true
  base.one: {build: base, profiles: [x]}
secrets:
  token: {file: ./t}
  key: {environment: KEY}
`;
  const { project, unsupported } = read(text);
  const [app] = project.targets;
  assert.equal(app?.name, 'app_web');
  assert.deepEqual(app.secrets, ['id=token,src=./t', 'id=key,env=KEY']);
  assert.deepEqual(app.ssh, ['default', 'k=/p']);
  assert.deepEqual(app.binds, { base: { target: 'base_one' } });
  assert.deepEqual(
    unsupported.map(({ attribute }) => attribute),
    ['privileged'],
  );
  assert.deepEqual(
    read(text, { profiles: [] }).project.targets.map(({ name }) => name),
    ['app_web'],
  );
});

test('what is not known or supported is named with its place', () => {
  for (const [text, message] of [
    ['services:\n  a:\n    build:\n      contxt: x\n', /contxt is not known/],
    ['include: [b.yaml]\nservices: {}\n', /include is not supported/],
    ['services:\n  a:\n    extends: {file: x.yaml, service: b}\n', /another file is not supported/],
    ['services:\n  a: {extends: b, build: .}\n  b: {extends: a}\n', /circle/],
    ['services:\n  a:\n    build:\n      secrets: [none]\n', /there is no secret none/],
    ['services:\n  a:\n    build: "${NOT:?needed}"\n', /NOT has no value: needed/],
  ] as const) {
    assert.throws(
      () => read(text),
      (error) => isFault(error) && message.test(error.message) && error.location !== undefined,
    );
  }
});
