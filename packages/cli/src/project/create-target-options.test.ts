import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { readOnebuildFile } from '@onebuild/project';
import { temporaryFolder } from '@onebuild/testkit';
import type { CliContext } from '../cli-context.ts';
import type { BuildFlags } from '../commands/build/build-flags.ts';
import { createProgram } from '../program.ts';
import { createTargetOptions } from './create-target-options.ts';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'app'));
mkdirSync(join(folder, 'elsewhere'));
writeFileSync(join(folder, 'token'), 'secret');

async function options(settings: string, line = '') {
  const context: CliContext = {
    env: { HOME: '/home/me', FROM_ENV: 'env' },
    cwd: join(folder, 'elsewhere'),
    uid: 0,
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '1',
    self: [],
    args: [],
    exitCode: 0,
  };
  const program = createProgram(context);
  let flags: BuildFlags | undefined;
  program.commands
    .find((command) => command.name() === 'build')
    ?.action((_words: readonly string[], given: BuildFlags) => {
      flags = given;
    });
  await program.parseAsync(['build', ...line.split(' ').filter((word) => word !== ''), '.'], {
    from: 'user',
  });
  assert.ok(flags);
  const text = `components: { web: { variants: { a: { ${settings} }, b: } } }`;
  const [target] = readOnebuildFile({ name: 'onebuild.yaml', text }, { env: {} }).targets;
  assert.ok(target);
  const surroundings = { folder, ownFolder: folder, flags, rootless: false, warn: () => {} };
  return (await createTargetOptions(context, target, surroundings)).options;
}

test('a target becomes what its flags would be, with paths from the file', async () => {
  const found = await options(
    'context: app, dockerfile: Dockerfile.x, stage: s, platforms: linux/arm64, args: { A: "1=2", FROM_ENV: , NONE: }, ' +
      'images: "r.io/web:1", labels: { a: b }, secrets: "id=t,src=token", outputs: "type=local,dest=out", no-cache: [x], ' +
      'bind: { "web:latest": b/s }, contexts: { src: app, base: "docker-image://debian:12" }, network: none, shm-size: 64m, ' +
      'extra-hosts: { db: 10.0.0.5 }, allow: network.host',
  );
  assert.equal(found.name, 'web.a');
  assert.deepEqual(found.context, { type: 'folder', path: join(folder, 'app') });
  assert.equal(found.dockerfile, 'Dockerfile.x');
  assert.equal(found.target, 's');
  assert.deepEqual(found.platforms, [{ os: 'linux', architecture: 'arm64' }]);
  assert.deepEqual(found.buildArgs, { A: '1=2', FROM_ENV: 'env' });
  assert.deepEqual(found.tags, [{ registry: 'r.io', repository: 'web', tag: '1' }]);
  assert.deepEqual(found.labels, { a: 'b' });
  assert.deepEqual(found.secrets, { t: { type: 'file', path: join(folder, 'token') } });
  assert.deepEqual(found.outputs, [{ type: 'local', dest: join(folder, 'out') }]);
  assert.deepEqual(found.noCache, { stages: ['x'] });
  assert.deepEqual(found.buildContexts, {
    src: { type: 'folder', path: join(folder, 'app') },
    base: { type: 'image', reference: 'debian:12' },
    'web:latest': { type: 'target', target: 'web.b', stage: 's' },
  });
  assert.equal(found.network, 'none');
  assert.deepEqual(found.limits, { shmSize: 64 * 2 ** 20 });
  assert.deepEqual(found.extraHosts, [['db', '10.0.0.5']]);
  assert.deepEqual(found.allow, ['network.host']);
});

test('what is typed wins, with paths from where it is typed', async () => {
  const found = await options(
    'args: { A: file, B: file }, images: "r.io/web:1", platforms: linux/arm64, outputs: "type=local,dest=out", context: app',
    '--build-arg A=typed --platform linux/amd64 -o out --target t --no-cache',
  );
  assert.deepEqual(found.buildArgs, { A: 'typed', B: 'file' });
  assert.deepEqual(found.platforms, [{ os: 'linux', architecture: 'amd64' }]);
  assert.deepEqual(found.outputs, [{ type: 'local', dest: join(folder, 'elsewhere/out') }]);
  assert.deepEqual(found.context, { type: 'folder', path: join(folder, 'app') });
  assert.equal(found.target, 't');
  assert.equal(found.noCache, true);
});

test('caches of the file and typed ones begin in their own folders; of one place the typed one counts', async () => {
  const found = await options(
    'images: "r.io/web:1", cache: { to: [./cache, registry], max-age: 7d }, context: app',
    '--cache-from ./cache --cache-to type=registry',
  );
  const local = (path: string) => ({ type: 'local', path: join(folder, path), tag: 'onebuild-cache' });
  const registry = {
    type: 'registry',
    reference: { registry: 'r.io', repository: 'web', tag: 'onebuild-cache' },
  };
  assert.deepEqual(
    found.cacheFrom?.map(({ location }) => location),
    [local('cache'), registry, local('elsewhere/cache')],
  );
  assert.deepEqual(
    found.cacheTo?.map(({ location, mode, maxAgeDays }) => [location, mode, maxAgeDays]),
    [
      [local('cache'), 'max', 7],
      [registry, 'min', 30],
    ],
  );
});

test('a push goes to all names of the target', async () => {
  const { outputs, tags } = await options('images: ["r.io/web:1", "s.io/web:1"], context: app', '--push');
  assert.deepEqual(outputs, [{ type: 'push', names: tags }]);
});

test('a template is rendered, and a Dockerfile outside of the context is named absolutely', async () => {
  writeFileSync(join(folder, 'app/Dockerfile'), 'FROM {{ base }}\n');
  const rendered = await options('context: app, template: { base: scratch }');
  assert.deepEqual(rendered.dockerfile, { name: 'Dockerfile', text: 'FROM scratch\n' });
  const outside = await options('context: app, dockerfile: ../Dockerfile.web');
  assert.equal(outside.dockerfile, join(folder, 'Dockerfile.web'));
});
