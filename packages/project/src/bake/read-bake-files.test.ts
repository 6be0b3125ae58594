import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { type ReadBakeOptions, readBakeFiles } from './read-bake-files.ts';

const facts = { env: {}, now: Date.UTC(2026, 0, 2), home: '/home/me', platform: 'linux/amd64' };

function read(files: Readonly<Record<string, string>>, options: Partial<ReadBakeOptions> = {}) {
  return readBakeFiles(
    Object.entries(files).map(([name, text]) => ({ name, text })),
    { facts, ...options },
  );
}

function readTarget(text: string, options: Partial<ReadBakeOptions> = {}) {
  const found = read({ 'docker-bake.hcl': text }, options).project.targets.find(
    ({ name }) => name === 'default',
  );
  assert.ok(found);
  return found;
}

test('a target of the model has what the file says, in the words of the flags', () => {
  const target = readTarget(`
target "base" {}
target "default" {
  contexts = { base = "target:base", src = "../src" }
  args = { A = 1 }
  secret = ["id=a,src=/x", "type=env,id=b"]
  ssh = ["default", "k=/a,/b"]
  output = ["type=image,push=true", "dist"]
  cache-from = ["user/app"]
  annotations = ["index,manifest:a=b=c"]
  no-cache = true
  shm-size = "64m"
  attest = ["type=sbom"]
}`);
  assert.deepEqual(target.binds, { base: { target: 'base' } });
  assert.deepEqual(target.contexts, { src: '../src' });
  assert.deepEqual(target.secrets, ['id=a,src=/x', 'id=b']);
  assert.deepEqual(target.ssh, ['default', 'k=/a,/b']);
  assert.deepEqual(target.outputs, ['type=image,push=true', 'type=local,dest=dist']);
  assert.deepEqual(target.cacheFrom, ['type=registry,ref=user/app']);
  assert.deepEqual(target.annotations, { a: 'b=c' });
  assert.equal(target.noCache, true);
  assert.equal(target.location.line, 3);
});

test('what has no effect is named', () => {
  const { unsupported } = read({
    'a.hcl': 'target "default" {\n attest = ["type=sbom"]\n call = "check"\n}',
  });
  assert.deepEqual(
    unsupported.map(({ attribute }) => attribute),
    ['attest', 'call'],
  );
});

test('the environment sets variables, by their type', () => {
  const text = `
variable "T" { default = "x" }
variable "F" { default = false }
variable "L" {
  type = list(string)
  default = []
}
variable "N" {
  type = number
  default = 2
  validation {
    condition = N < 5
    error_message = "N is too large"
  }
}
target "default" { args = { all = jsonencode([T, F, L, N]) } }`;
  const env = { T: 'env', F: 'true', L: 'a,"b,c"', N: '3' };
  assert.equal(readTarget(text, { facts: { ...facts, env } }).args.all, '["env",true,["a","b,c"],3]');
  assert.equal(
    readTarget(text, { facts: { ...facts, env: { L_JSON: '["q"]' } } }).args.all,
    '["x",false,["q"],2]',
  );
  assert.throws(() => readTarget(text, { facts: { ...facts, env: { N: '9' } } }), /N is too large/);
  assert.throws(() => readTarget(text, { facts: { ...facts, env: { F: 'maybe' } } }), /true or false/);
});

test('later files win, by the rules of each attribute', () => {
  const { project } = read({
    'compose.yaml':
      'services:\n  default:\n    image: a\n    build:\n      context: c\n      labels: {x: "1", y: "2"}\n',
    'docker-bake.hcl': 'target "default" {\n tags = ["b"]\n labels = { y = "3" }\n}',
    'docker-bake.override.json': '{"target":{"default":{"tags":["c:${BAKE_LOCAL_PLATFORM}"]}}}',
  });
  const [target] = project.targets;
  assert.deepEqual(target?.tags, ['c:linux/amd64']);
  assert.deepEqual(target?.labels, { x: '1', y: '3' });
  assert.equal(target?.context, 'c');
});

test('--set changes targets by name and wildcard', () => {
  const text = 'target "default" {\n tags = ["a"]\n}\ntarget "other" {}';
  const overrides = [
    '*.args.X=1',
    'default.tags+=b',
    'default.platform=linux/arm64',
    'def*.no-cache=true',
    'default.output=type=oci',
    'default.push=true',
    '*.args.FROM_ENV',
  ];
  const target = readTarget(text, { overrides, facts: { ...facts, env: { FROM_ENV: 'e' } } });
  assert.deepEqual(target.args, { X: '1', FROM_ENV: 'e' });
  assert.deepEqual(target.tags, ['a', 'b']);
  assert.deepEqual(target.platforms, ['linux/arm64']);
  assert.equal(target.noCache, true);
  assert.deepEqual(target.outputs, ['type=oci', 'type=image,push=true']);
  for (const wrong of [
    'nothing',
    'nobody.tags=x',
    'default.tgas=x',
    'default.pull=perhaps',
    'default.args=x',
  ]) {
    assert.throws(
      () => readTarget(text, { overrides: [wrong] }),
      (error) => isFault(error, 'USAGE'),
    );
  }
});
