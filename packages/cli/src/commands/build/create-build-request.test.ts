import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { createProgram } from '../../program.ts';
import { spellBooleanFlags } from '../../spell-boolean-flags.ts';
import type { BuildFlags } from './build-flags.ts';
import { createBuildRequest } from './create-build-request.ts';

const cwd = mkdtempSync(join(tmpdir(), 'onebuild-flags-'));
after(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, 'app'));
writeFileSync(join(cwd, 'app/Dockerfile'), 'FROM scratch\n');
writeFileSync(join(cwd, 'outside.Dockerfile'), 'FROM scratch\n');

const warnings: string[] = [];

/** The request that a command line leads to. */
async function request(line: string, more: { env?: Record<string, string>; stdin?: string } = {}) {
  const context: CliContext = {
    env: { HOME: '/home/me', ...more.env },
    cwd,
    uid: 0,
    stdin: Readable.from([Buffer.from(more.stdin ?? '')]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '1.2.3',
    self: [],
    args: line.split(' ').filter((word) => word !== ''),
    exitCode: 0,
  };
  const program = createProgram(context);
  const build = program.commands.find((command) => command.name() === 'build');
  let given: [string, BuildFlags] | undefined;
  build?.action(([source = '.']: readonly string[], flags: BuildFlags) => {
    given = [source, flags];
  });
  await program.parseAsync(['build', ...spellBooleanFlags(context.args, program)], { from: 'user' });
  assert.ok(given);
  warnings.length = 0;
  return createBuildRequest(context, ...given, { rootless: false, warn: (text) => warnings.push(text) });
}

test('what a bare build asks for', async () => {
  const { jobs, ...bare } = await request('app');
  assert.ok(jobs >= 1);
  assert.deepEqual(bare, {
    home: '/var/lib/onebuild',
    context: { type: 'folder', path: join(cwd, 'app') },
    buildArgs: {},
    buildContexts: {},
    platforms: [],
    labels: {},
    annotations: {},
    tags: [],
    secrets: {},
    ssh: {},
    sshKeys: {},
    outputs: [{ type: 'store' }],
    noCache: false,
    pull: false,
    network: 'host',
    extraHosts: [],
    limits: {},
    allow: [],
    times: 'auto',
    sandbox: 'auto',
    rootless: false,
    proxy: {},
    checkOnly: false,
    version: '1.2.3',
    usesStdout: false,
  });
  assert.deepEqual(warnings, []);
});

test('flags reach the request', async () => {
  const made = await request(
    '--target=server --platform linux/amd64,linux/arm64 --platform=linux/amd64 --no-cache-filter a,b ' +
      '--network none -m 512m --cpus 1.5 --shm-size 64m --jobs 8 --label a=1 --allow network.host ' +
      '--add-host=h:1.2.3.4 --sandbox runc --pull=true --home /store app',
  );
  assert.equal(made.target, 'server');
  assert.deepEqual(made.platforms, [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ]);
  assert.deepEqual(made.noCache, { stages: ['a', 'b'] });
  assert.deepEqual(made.limits, { memory: 2 ** 29, cpus: 1.5, shmSize: 2 ** 26 });
  assert.deepEqual(
    [made.network, made.jobs, made.labels, made.allow, made.extraHosts, made.sandbox, made.pull, made.home],
    ['none', 8, { a: '1' }, ['network.host'], [['h', '1.2.3.4']], 'runc', true, '/store'],
  );
  assert.deepEqual((await request('--no-cache-filter=a --no-cache-filter=RUN* app')).noCache, {
    stages: ['a'],
    steps: ['RUN*'],
  });
  assert.equal((await request('--no-cache app')).noCache, true);
  assert.equal((await request('--no-cache=false app')).noCache, false);
});

test('a Dockerfile of the working folder, of the context, from outside, from standard input', async () => {
  assert.equal((await request('-f app/Dockerfile app')).dockerfile, 'Dockerfile');
  assert.equal((await request('-f Dockerfile app')).dockerfile, 'Dockerfile');
  assert.equal((await request('-f outside.Dockerfile app')).dockerfile, join(cwd, 'outside.Dockerfile'));
  const piped = await request('-f - app', { stdin: 'FROM x\n' });
  assert.deepEqual(piped.dockerfile, { text: 'FROM x\n', name: 'Dockerfile' });
  assert.equal((await request('-f docker/Dockerfile https://host/r.git')).dockerfile, 'docker/Dockerfile');
  await assert.rejects(request('-f missing app'), (error) => isFault(error, 'DOCKERFILE_NOT_FOUND'));
  await assert.rejects(request('-f - -'), (error) => isFault(error, 'USAGE'));
});

test('SOURCE_DATE_EPOCH sets the times and is a build argument', async () => {
  const made = await request('app', { env: { SOURCE_DATE_EPOCH: '1700000000' } });
  assert.deepEqual([made.times, made.buildArgs], [1_700_000_000, { SOURCE_DATE_EPOCH: '1700000000' }]);
  const own = await request('--build-arg SOURCE_DATE_EPOCH=5 app', { env: { SOURCE_DATE_EPOCH: '1' } });
  assert.deepEqual([own.times, own.buildArgs], [5, { SOURCE_DATE_EPOCH: '5' }]);
});

test('flags without effect are named, those that would change the build are refused', async () => {
  await request('--cache-from type=gha --provenance=false --sbom true --builder b --rm app');
  assert.equal(warnings.length, 4);
  await request('--attest type=provenance,disabled=true --provenance=false app');
  assert.deepEqual(warnings, []);
  await assert.rejects(request('--ulimit nofile=1 app'), (error) => isFault(error, 'USAGE'));
  await assert.rejects(request('--allow everything app'), (error) => isFault(error, 'USAGE'));
  await assert.rejects(request(`-t a@sha256:${'a'.repeat(64)} app`), (error) => isFault(error, 'USAGE'));
});

test('caches lie beside the image where nothing else is said', async () => {
  const made = await request(
    '-t reg.io/a/app:1 --cache-from type=registry --cache-to type=registry,mode=max app',
  );
  const location = {
    type: 'registry',
    reference: { registry: 'reg.io', repository: 'a/app', tag: 'onebuild-cache' },
  };
  assert.deepEqual(made.cacheFrom, [{ location, mounts: true, verify: [] }]);
  assert.deepEqual(made.cacheTo, [
    { location, mode: 'max', mounts: false, maxAgeDays: 30, ignoreError: true },
  ]);
  const pushed = await request('-o type=registry,name=reg.io/b --cache-to type=registry app');
  assert.deepEqual(pushed.cacheTo?.[0]?.location, {
    type: 'registry',
    reference: { registry: 'reg.io', repository: 'b', tag: 'onebuild-cache' },
  });
  await assert.rejects(request('--cache-to type=registry app'), (error) => isFault(error, 'USAGE'));
});

test('a build that may only read has no cache to write, and needs no key for it', async () => {
  const line = '--cache-from reg.io/c:x --cache-to type=registry,ref=reg.io/c:x,sign=missing.key app';
  const reading = await request(`--cache-access read ${line}`);
  assert.deepEqual([reading.cacheFrom?.length, reading.cacheTo], [1, undefined]);
  const none = await request(line, { env: { ONEBUILD_CACHE_ACCESS: 'none' } });
  assert.deepEqual([none.cacheFrom, none.cacheTo], [undefined, undefined]);
  await assert.rejects(
    request(line),
    (error) => isFault(error, 'FILE_ACCESS') && error.message.includes(cwd),
  );
  await assert.rejects(request('app', { env: { ONEBUILD_CACHE_ACCESS: 'write' } }), (error) =>
    isFault(error, 'USAGE'),
  );
  await assert.rejects(request('--cache-access read --cache-to type=regstry app'), (error) =>
    isFault(error, 'USAGE'),
  );
});
