import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fault, isFault } from '@onebuild/core';
import { type BuildAllOptions, build, buildAll, type TargetOptions } from '@onebuild/engine';
import { parsePlatform, parseReference } from '@onebuild/oci';
import { type RegistryClient } from '@onebuild/registry/client';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { openBusyboxBench } from './busybox-bench.ts';

type Draft = Partial<TargetOptions> & { readonly text: string };

const bench = await openBusyboxBench();
const { scratch, host, registry, base } = bench;
after(() => bench.close());

describe('many targets in one graph', () => {
  const context = join(scratch, 'context');
  let count = 0;

  before(() => {
    mkdirSync(context);
    writeFileSync(join(context, 'source'), 'code\n');
    for (const name of ['a', 'b', 'c']) writeFileSync(join(context, name), `${name}\n`);
  });

  function options(
    targets: Readonly<Record<string, Draft>>,
    shared: Partial<BuildAllOptions> = {},
  ): BuildAllOptions & Pick<ReturnType<typeof testBuildOptions>, 'events'> {
    const home = join(scratch, `home-${count++}`);
    const plain = testBuildOptions({ home, context: { type: 'folder', path: context }, registry });
    return {
      ...plain,
      ...shared,
      targets: Object.entries(targets).map(([name, { text, ...rest }]) => ({
        ...plain,
        dockerfile: { name: `Dockerfile.${name}`, text },
        ...rest,
        name,
      })),
    };
  }

  function started({ events }: ReturnType<typeof options>, name: RegExp): number {
    return events.filter((event) => event.type === 'step.started' && name.test(event.name)).length;
  }

  const outputTo = (dest: string) => [{ type: 'local', dest }] as const;
  const pushTo = (name: string) => [{ type: 'push', names: [parseReference(name)] }] as const;
  const digestAt = async (name: string) => (await registry.resolve(parseReference(name))).digest;

  it('builds each as it would be alone', async () => {
    const a = { text: 'FROM scratch\nCOPY a /\nLABEL of=a\n', labels: { more: 'a' } };
    const b = {
      text: 'FROM scratch\nCOPY b /\n',
      platforms: ['linux/amd64', 'linux/arm64'].map((name) => parsePlatform(name)),
    };
    const { targets } = await buildAll(options({ a, b }));
    for (const [at, draft] of [a, b].entries()) {
      const { targets: _, ...shared } = options({});
      const { text, ...rest } = draft;
      const plain = testBuildOptions({ home: shared.home, context: { type: 'folder', path: context } });
      const alone = await build({ ...plain, dockerfile: { name: 'Dockerfile', text }, ...rest });
      assert.equal(targets[at]?.images[0]?.digest, alone.images[0]?.digest);
      assert.equal(targets[at]?.imageId, alone.imageId);
    }
    assert.deepEqual(
      targets.map(({ name, platforms }) => [name, platforms.length]),
      [
        ['a', 1],
        ['b', 2],
      ],
    );
  });

  it('runs a stage on the build platform once for all platforms and targets', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const log = join(scratch, `once-${count++}`);
    mkdirSync(log);
    const text = (file: string) =>
      `FROM --platform=$BUILDPLATFORM ${base} AS builder\nCOPY source /source\nRUN cat /source /proc/sys/kernel/random/uuid > /built\nFROM scratch\nCOPY --from=builder /built /built\nCOPY ${file} /\n`;
    const platforms = ['linux/amd64', 'linux/arm64'].map((name) => parsePlatform(name));
    const all = options({
      a: { text: text('a'), platforms, outputs: outputTo(join(log, 'a')) },
      b: { text: text('b'), platforms, outputs: outputTo(join(log, 'b')) },
    });
    const { sharing } = await buildAll(all);
    assert.equal(started(all, /^RUN/), 1);
    const built = ['a', 'b'].flatMap((name) =>
      ['linux_amd64', 'linux_arm64'].map((platform) =>
        readFileSync(join(log, name, platform, 'built'), 'utf8'),
      ),
    );
    assert.equal(new Set(built).size, 1, 'all boxes hold what one run left');
    assert.ok(sharing.separateMs >= sharing.ms);
  });

  it('runs steps once that were asked for differently and see the same', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const other = join(scratch, `other-${count++}`);
    mkdirSync(other);
    writeFileSync(join(other, 'source'), 'code\n');
    const text = `FROM ${base}\nCOPY source /\nRUN cat /proc/sys/kernel/random/uuid > /id\n`;
    const all = options({ a: { text }, b: { text, context: { type: 'folder', path: other } } });
    const { targets } = await buildAll(all);
    assert.equal(targets[0]?.images[0]?.digest, targets[1]?.images[0]?.digest);
  });

  it('a name is bound to another target or its stage, in FROM, --from and mounts', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const dest = join(scratch, `bound-${count++}`);
    const maker = {
      text: `FROM ${base} AS tools\nARG SECRET_ARG=x\nRUN echo tool > /tool\nFROM tools\nRUN echo made > /made\nENV FROM_MAKER=yes\n`,
      labels: { from: 'flag' },
    };
    const source = { type: 'target', target: 'maker' } as const;
    const buildContexts = { 'some-helper:latest': source, tools: { ...source, stage: 'tools' } };
    const user = {
      text: `FROM ${base} AS mounted\nRUN --mount=from=some-helper,target=/m cat /m/made > /copied\nFROM scratch\nCOPY --from=some-helper:latest /made /\nCOPY --from=tools /tool /\nCOPY --from=mounted /copied /\n`,
      buildContexts,
      outputs: outputTo(dest),
    };
    const child = {
      text: 'FROM some-helper\nRUN echo "$FROM_MAKER $SECRET_ARG" > /env\n',
      buildContexts,
      outputs: outputTo(`${dest}-child`),
    };
    // in whatever order they are listed
    const all = options({ user, child, maker });
    await buildAll(all);
    const read = (path: string) => readFileSync(join(dest, path), 'utf8');
    assert.deepEqual(['made', 'tool', 'copied'].map(read), ['made\n', 'tool\n', 'made\n']);
    assert.equal(readFileSync(join(`${dest}-child`, 'env'), 'utf8'), 'yes \n');
    assert.equal(started(all, /echo made/), 1);
  });

  it('what FROM a target starts from has the labels of its flags, too', async () => {
    const home = join(scratch, `home-${count++}`);
    const name = `${host}/labels:1`;
    const all = options(
      {
        parent: { text: 'FROM scratch\nCOPY a /\nLABEL x=1\n', labels: { y: '2' } },
        child: {
          text: 'FROM p\nCOPY b /\n',
          buildContexts: { p: { type: 'target', target: 'parent' } },
          outputs: pushTo(name),
        },
      },
      { home },
    );
    await buildAll(all);
    const manifest = JSON.parse(
      Buffer.from((await registry.manifest(parseReference(name))).bytes).toString(),
    );
    assert.equal(manifest.layers.length, 2);
    const chunks: Uint8Array[] = [];
    for await (const chunk of registry.blob(parseReference(name), manifest.config, { signal: all.signal }))
      chunks.push(chunk);
    const config = JSON.parse(Buffer.concat(chunks).toString());
    assert.deepEqual(config.config.Labels, { x: '1', y: '2' });
  });

  it('a binding takes the same platform, else the only one, else it fails', async () => {
    const maker = (...platforms: readonly string[]) => ({
      text: 'FROM scratch\nARG TARGETARCH\nCOPY <<EOF /arch\n$TARGETARCH\nEOF\n',
      platforms: platforms.map((platform) => parsePlatform(platform)),
    });
    const archOf = async (made: Draft, platform: string) => {
      const dest = join(scratch, `arch-${count++}`);
      const user = {
        text: 'FROM scratch\nCOPY --from=m /arch /\n',
        buildContexts: { m: { type: 'target', target: 'maker' } as const },
        platforms: [parsePlatform(platform)],
        outputs: outputTo(dest),
      };
      await buildAll(options({ user, maker: made }));
      return readFileSync(join(dest, 'arch'), 'utf8').trim();
    };
    assert.equal(await archOf(maker('linux/amd64', 'linux/arm64'), 'linux/arm64'), 'arm64');
    assert.equal(await archOf(maker('linux/amd64'), 'linux/arm64'), 'amd64');
    await assert.rejects(archOf(maker('linux/amd64', 'linux/arm64'), 'linux/s390x'), (error) =>
      isFault(error, 'PLATFORM_MISSING'),
    );
  });

  it('names the circle of targets that wait for each other; stages may cross', async () => {
    const bind = (target: string, stage?: string) => ({
      other: { type: 'target', target, ...(stage !== undefined && { stage }) } as const,
    });
    const text = 'FROM scratch AS files\nCOPY a /\nFROM scratch\nCOPY --from=other /a /\n';
    const circle = options({
      a: { text, buildContexts: bind('b') },
      b: { text, buildContexts: bind('c') },
      c: { text, buildContexts: bind('a') },
    });
    await assert.rejects(
      buildAll(circle),
      (error) =>
        isFault(error, 'PROJECT_INVALID') &&
        /(a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)/.test(error.message),
    );
    await assert.rejects(
      buildAll(options({ a: { text, buildContexts: bind('a') } })),
      (error) => isFault(error, 'PROJECT_INVALID') && /a -> a/.test(error.message),
    );
    await buildAll(
      options({
        a: { text, buildContexts: bind('b', 'files') },
        b: { text, buildContexts: bind('a', 'files') },
      }),
    );
  });

  it('hints at a binding where an image is not there and a target has its name', async () => {
    const name = `${host}/ops/jdos-restore-helper:latest`;
    const targets = (line: string) => ({
      'helper.standard': { text: 'FROM scratch\nCOPY a /\n' },
      box: { text: `${line}\n` },
    });
    for (const line of [`FROM ${name}`, `FROM scratch\nCOPY --from=${name} /a /`]) {
      await assert.rejects(buildAll(options(targets(line))), (error) => {
        assert.ok(isFault(error, 'MANIFEST_NOT_FOUND'));
        assert.match(error.hint, /--bind .*jdos-restore-helper:latest=helper\.standard/);
        return true;
      });
    }
  });

  it('moves the tags of all targets or none, and takes up again what was sent', async () => {
    const names = ['a', 'b', 'c'].map((name) => `${host}/all/${name}:1`);
    const targets = Object.fromEntries(
      ['a', 'b', 'c'].map((name, at): [string, Draft] => [
        name,
        { text: `FROM ${base}\nCOPY --link ${name} /${name}\n`, outputs: pushTo(names[at] ?? '') },
      ]),
    );
    const failing: RegistryClient = {
      ...registry,
      pushManifest: (repository, manifest, rest) =>
        repository.repository === 'all/c'
          ? Promise.reject(fault('REGISTRY_UNAVAILABLE', 'down'))
          : registry.pushManifest(repository, manifest, rest),
    };
    const all = options(targets);
    await assert.rejects(buildAll({ ...all, registry: failing }), (error) =>
      isFault(error, 'REGISTRY_UNAVAILABLE'),
    );
    for (const name of names)
      await assert.rejects(digestAt(name), (error) => isFault(error, 'MANIFEST_NOT_FOUND'));
    const again = await buildAll(all);
    for (const [at, name] of names.entries()) {
      assert.equal(await digestAt(name), again.targets[at]?.images[0]?.digest);
      assert.equal(again.targets[at]?.images[0]?.sentBytes, 0, 'blobs were there already');
    }
  });

  it('whichever request to the registries fails: all tags are old, and the next try moves all', async () => {
    const boxes = ['a', 'b'].map((name) => ({ name, tag: `${host}/every/${name}:1` }));
    const home = join(scratch, `home-${count++}`);
    const version = (number: number) =>
      options(
        Object.fromEntries(
          boxes.map(({ name, tag }): [string, Draft] => [
            name,
            { text: `FROM scratch\nCOPY ${name} /\nLABEL version=${number}\n`, outputs: pushTo(tag) },
          ]),
        ),
        { home },
      );
    const digests = () => Promise.all(boxes.map(({ tag }) => digestAt(tag)));
    await buildAll(version(0));
    let old = await digests();
    for (let k = 1; ; k++) {
      let requests = 0;
      const fail = () => Promise.reject(fault('REGISTRY_UNAVAILABLE', 'down'));
      const counting = (): boolean => ++requests === k;
      const failing: RegistryClient = {
        ...registry,
        resolve: (...rest) => (counting() ? fail() : registry.resolve(...rest)),
        pushBlob: (...rest) => (counting() ? fail() : registry.pushBlob(...rest)),
        pushManifest: (...rest) => (counting() ? fail() : registry.pushManifest(...rest)),
      };
      const all = version(k);
      const failed = await buildAll({ ...all, registry: failing }).then(
        () => false,
        () => true,
      );
      if (!failed) {
        assert.ok(k > 8, `only ${k - 1} requests were made to fail`);
        break;
      }
      assert.deepEqual(await digests(), old, `after request ${k}`);
      await buildAll(all);
      const next = await digests();
      assert.ok(
        next.every((digest, at) => digest !== old[at]),
        `after the next try, request ${k}`,
      );
      old = next;
    }
  });

  it('a target that fails, or an output on disk that cannot be written, leaves the tags of the others', async () => {
    const name = `${host}/left/a:1`;
    const good = { text: 'FROM scratch\nCOPY a /\n', outputs: pushTo(name) };
    const bad = { text: 'FROM scratch\nCOPY missing /\n' };
    await assert.rejects(buildAll(options({ good, bad })), (error) => isFault(error, 'SOURCE_NOT_FOUND'));
    const dest = { path: join(scratch, 'nowhere', 'deep', 'out.tar') };
    writeFileSync(join(scratch, 'nowhere'), 'a file');
    const unwritable = {
      text: 'FROM scratch\nCOPY b /\n',
      outputs: [{ type: 'oci', dest, tar: true }] as const,
    };
    await assert.rejects(buildAll(options({ good, unwritable })));
    await assert.rejects(digestAt(name), (error) => isFault(error, 'MANIFEST_NOT_FOUND'));
  });

  it('sends a shared layer once, and boxes after the first cost what is theirs', async () => {
    const big = join(scratch, `big-${count++}`);
    mkdirSync(big);
    writeFileSync(join(big, 'big'), randomBytes(300_000));
    const at = { type: 'folder', path: big } as const;
    const targets = Object.fromEntries(
      ['a', 'b', 'c'].map((name): [string, Draft] => [
        name,
        {
          text: `FROM scratch\nCOPY big /\nLABEL box=${name}\n`,
          context: at,
          outputs: pushTo(`${host}/boxes/${name}:1`),
        },
      ]),
    );
    const { targets: results } = await buildAll(options(targets));
    const sent = results.map(({ images }) => images[0]?.sentBytes ?? 0);
    assert.ok((sent[0] ?? 0) > 300_000, `${sent[0]}`);
    assert.ok(
      sent.slice(1).every((bytes) => bytes < 2000),
      sent.join(' '),
    );
    assert.deepEqual(
      results.map(({ platforms }) => platforms[0]?.sentBytes),
      sent,
    );
  });

  it('lints what targets share once', async () => {
    const dockerfile = { name: 'Dockerfile', text: 'from scratch\nCOPY a /\n' };
    const all = options({ a: { text: '', dockerfile }, b: { text: '', dockerfile } }, { checkOnly: true });
    await buildAll(all);
    const warnings = all.events.flatMap((event) => (event.type === 'warning' ? [event.rule] : []));
    assert.ok(warnings.length > 0);
    assert.equal(new Set(warnings).size, warnings.length);
  });
});
