import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BuildEvent, CacheMountReport } from '@onebuild/core';
import { makeBusyboxRoot, requireBusybox, requireProgram, type Skips } from '@onebuild/testkit';
import { succeed } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const top = fileURLToPath(new URL('../../..', import.meta.url));

/** What the programs that the examples call do here, where bases are busybox: just enough to tell what was asked of them. */
const programs = {
  go: 'echo "$GOOS/$GOARCH $*" > manager',
  'apt-get': 'true',
  localedef: 'true',
  make: 'echo "$*" > src/redis-server; cp src/redis-server src/redis-cli',
  install: 'mkdir -p /out /out-data; cp src/redis-* /out',
  npm: `case $1 in
    ci) mkdir node_modules; cp package.json node_modules; cp package.json "/root/.npm/$(md5sum <package.json)" ;;
    run) mkdir dist; cat package.json src/* >dist/server.cjs ;;
  esac`,
};

interface Built {
  /** Target and platform of each box, and its digest. */
  readonly boxes: readonly string[];
  readonly digests: readonly unknown[];
  /** Steps of Dockerfiles that were not cached. */
  readonly steps: readonly string[];
  /** The RUN among them. */
  readonly ran: readonly string[];
  readonly mounts: readonly CacheMountReport[];
}

describe('examples', { timeout: 120_000 }, () => {
  let bench: Workbench;

  before(async () => {
    bench = await openWorkbench();
    const root = join(bench.scratch, 'stub');
    makeBusyboxRoot(root);
    for (const [name, line] of Object.entries(programs)) {
      const file = join(root, 'bin', name);
      rmSync(file, { force: true });
      writeFileSync(file, `#!/bin/sh\n${line}\n`);
      chmodSync(file, 0o755);
    }
    const home = bench.home();
    await Promise.all(
      [
        'golang:1.19',
        'compiler:1',
        'debian:bookworm',
        'debian:trixie',
        'debian:sid',
        'node:20',
        'node-npm:20',
      ].map((name) =>
        succeed(
          [
            'build',
            '--push',
            '--platform=linux/amd64,linux/arm64',
            '-t',
            `${bench.registry.host}/base/${name}`,
          ].concat('-f', '-', root),
          { home, input: `FROM scratch\nCOPY . /\nCOPY <<EOF /etc/os-release\nNAME=${name}\nEOF\n` },
        ),
      ),
    );
  });
  after(() => bench.close());

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  /** `example` is a folder, from that of examples. */
  async function build(
    args: readonly string[],
    { home, example, env }: { home: string; example: string; env: Readonly<Record<string, string>> },
  ): Promise<Built> {
    const { stdout } = await succeed(['build', '--progress=json', '--push', ...args], {
      home,
      cwd: resolve(top, 'examples', example),
      env: { SOURCE_DATE_EPOCH: '1700000000', ...env },
    });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BuildEvent);
    const names = new Map(
      events.flatMap((event) =>
        event.type === 'step.started' && event.stage !== undefined ? [[event.step, event.name]] : [],
      ),
    );
    const steps = events.flatMap((event) =>
      event.type === 'step.finished' && event.status === 'done' ? (names.get(event.step) ?? []) : [],
    );
    const end = events.at(-1);
    assert.ok(end?.type === 'build.finished' && end.report !== undefined);
    return {
      boxes: end.report.boxes.map(({ target = '', platform }) => `${target} ${platform}`),
      digests: end.report.boxes.map(({ digest }) => digest),
      steps,
      ran: steps.filter((name) => name.includes('RUN ')),
      mounts: end.report.cache?.mounts ?? [],
    };
  }

  /** Builds on an empty machine, and on a second one that has nothing but the cache; gives what the first one did. */
  async function buildTwice(
    args: readonly string[],
    { example, env }: { example: string; env: Readonly<Record<string, string>> },
  ): Promise<Built> {
    const first = await build(args, { home: bench.home(), example, env });
    assert.notDeepEqual(first.ran, []);
    const home = bench.home();
    const second = await build(args, { home, example, env });
    assert.deepEqual(second.steps, []);
    assert.deepEqual(second.digests, first.digests);
    assert.deepEqual(second.mounts, []);
    assert.deepEqual(readdirSync(join(home, 'layers')), [], 'layers that were unpacked');
    return first;
  }

  const throughCache = (name: string): readonly string[] => {
    const place = `type=registry,ref=${bench.registry.host}/caches/${name}`;
    return [`--cache-from=${place}`, `--cache-to=${place},mode=max,mounts=true,ignore-error=false`];
  };

  it('operator-variants: by names and by file the same images, the manager compiled once', async (t) => {
    if (!ready(t)) return;
    const example = 'operator-variants';
    const endpoint = `--registry-endpoint=harbor.example.com=${bench.registry.url}`;
    const env = { MAIN_REGISTRY: bench.registry.host };
    const tag = 'harbor.example.com/by-name/etcd-restore:1.0';
    const byName = await build(['-t', tag, endpoint], { home: bench.home(), example, env });
    assert.equal(byName.boxes.length, 3);
    assert.equal(byName.ran.filter((name) => name.includes('go build')).length, 1);
    assert.equal(byName.ran.filter((name) => name.includes('apt-get')).length, 3);
    const byFile = await build(['-f', 'by-file'], { home: bench.home(), example, env });
    assert.deepEqual(byFile.digests, byName.digests);
    const targets = byFile.boxes.map((box) => box.split(' ')[0]);
    assert.deepEqual(targets, ['helper.standard', 'helper.kylinv10', 'helper.oel22']);
  });

  it('redis: six boxes in two registries, compiled once for each platform', async (t) => {
    if (!ready(t)) return;
    const work = join(bench.scratch, 'redis');
    mkdirSync(join(work, 'source/src'), { recursive: true });
    writeFileSync(join(work, 'source/src/server.c'), 'int main(void) { return 0; }\n');
    const { host } = bench.registry;
    // another name of the same machine
    const mirror = host.replace('127.0.0.1', 'localhost');
    const env = { MAIN_REGISTRY: host, MIRROR_REGISTRY: mirror, ONEBUILD_EXAMPLE_WORK: work };
    const { boxes, ran } = await build([], { home: bench.home(), example: 'redis', env });
    assert.deepEqual(
      boxes,
      ['bookworm', 'trixie', 'sid'].flatMap((variant) => [
        `redis.${variant} linux/amd64`,
        `redis.${variant} linux/arm64`,
      ]),
    );
    assert.equal(ran.length, 2, ran.join('\n'));
    for (const variant of ['bookworm', 'trixie', 'sid']) {
      const response = await fetch(`${bench.registry.url}/v2/demo/redis-${variant}/manifests/7`);
      const index = (await response.json()) as { readonly manifests: readonly unknown[] };
      assert.equal(index.manifests.length, 2);
    }
  });

  it('operator-variants: an empty machine takes all from the cache of another', async (t) => {
    if (!ready(t)) return;
    const endpoint = `--registry-endpoint=harbor.example.com=${bench.registry.url}`;
    const tag = 'harbor.example.com/cached/etcd-restore:1.0';
    const env = { MAIN_REGISTRY: bench.registry.host };
    const args = ['-t', tag, endpoint, ...throughCache('operator')];
    const { boxes } = await buildTwice(args, { example: 'operator-variants', env });
    assert.equal(boxes.length, 3);
  });

  it('redis: an empty machine takes all from the cache of another', async (t) => {
    if (!ready(t)) return;
    const work = join(bench.scratch, 'cached-redis');
    mkdirSync(join(work, 'source/src'), { recursive: true });
    writeFileSync(join(work, 'source/src/server.c'), 'int main(void) { return 1; }\n');
    const { host } = bench.registry;
    const env = { MAIN_REGISTRY: host, MIRROR_REGISTRY: host, ONEBUILD_EXAMPLE_WORK: work };
    const { boxes } = await buildTwice(throughCache('redis'), { example: 'redis', env });
    assert.equal(boxes.length, 6);
  });

  it('travelling-caches: workers find steps and the cache mount, and run what their changes need', async (t) => {
    if (!ready(t)) return;
    const settings = join(bench.scratch, 'npm-settings');
    mkdirSync(settings);
    for (const name of ['npmrc', 'npm-ca']) writeFileSync(join(settings, name), `${name} of the test\n`);
    const env = { MAIN_REGISTRY: bench.registry.host, NPM_SETTINGS: settings };
    const first = await buildTwice([], { example: 'travelling-caches/app', env });
    assert.deepEqual(
      first.mounts.map(({ id, fetchedBytes }) => [id, fetchedBytes]),
      [['/root/.npm', undefined]],
    );

    const folder = join(bench.scratch, 'travelling-caches');
    const change = async (...names: readonly string[]): Promise<Built> => {
      cpSync(join(top, 'examples/travelling-caches/app'), folder, { recursive: true });
      for (const name of names) {
        cpSync(join(top, 'examples/travelling-caches/changes', name), folder, { recursive: true });
      }
      return build([], { home: bench.home(), example: folder, env });
    };
    const dependency = await change('dependency');
    assert.equal(dependency.ran.length, 2);
    const [mount] = dependency.mounts;
    assert.ok(mount?.fetchedBytes !== undefined && mount.sentBytes !== undefined, JSON.stringify(mount));
    const source = await change('dependency', 'source');
    assert.deepEqual(source.ran, ['RUN npm test && npm run build']);
    assert.deepEqual(source.mounts, []);
  });
});

it('travelling-caches: lock files fit what they lock', () => {
  for (const folder of ['app', 'changes/dependency']) {
    const read = (name: string): unknown =>
      JSON.parse(readFileSync(join(top, 'examples/travelling-caches', folder, name), 'utf8'));
    const { dependencies, devDependencies } = read('package.json') as Record<string, unknown>;
    const { packages } = read('package-lock.json') as {
      readonly packages: Readonly<Record<string, Record<string, unknown>>>;
    };
    assert.deepEqual(packages['']?.['dependencies'], dependencies);
    assert.deepEqual(packages['']?.['devDependencies'], devDependencies);
  }
});

/** Packages in a line of a table that begins with a command: `crun` `runc` ... */
function listedFor(readme: string, commandLine: string): readonly string[] {
  const line = readFileSync(join(top, readme), 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`| \`${commandLine}\` |`));
  assert.ok(line, `${readme} has no line for ${commandLine}`);
  return [...line.slice(commandLine.length + 4).matchAll(/`([a-z0-9.+-]+)`/g)].map(([, name]) => name ?? '');
}

/** Packages that a script hands to scripts/setup.sh. */
function installedBy(script: string): readonly string[] {
  const text = readFileSync(join(top, script), 'utf8').replace(/\\\n/g, ' ');
  const call = /scripts\/setup\.sh (?:'[^']*'|"[^"]*"|\S+)(.*)/.exec(text)?.[1] ?? '';
  return [...call.matchAll(/ ([a-z0-9.+-]+)(?:=\S+)?/g)].map(([, name]) => name ?? '');
}

for (const readme of ['README.md', 'README.zh-CN.md']) {
  it(`${readme} lists what its first command installs`, () => {
    const installed = installedBy('examples/redis/run');
    assert.ok(installed.length > 5);
    assert.deepEqual(listedFor(readme, 'examples/redis/run').toSorted(), installed.toSorted());
  });
}
