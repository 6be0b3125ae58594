import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type DockerEngine,
  type Podman,
  type RegistryService,
  requireBusybox,
  requirePart,
  requireProgram,
  runProgram,
  type Skips,
  startDockerEngine,
  startDockerRegistry,
  startPodman,
} from '@onebuild/testkit';
import { succeed } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const dockerfile = (base: string) => `FROM ${base} AS made
RUN mkdir -p /data/deep && echo from a step > /data/deep/file && ln -s deep/file /data/link && chmod 640 /data/deep/file
RUN chown -R 1000:1000 /data && touch /gone
FROM ${base}
ENV GREETING="hello there"
COPY --from=made /data /data
COPY --chmod=755 start /bin/start
RUN rm /etc/group && echo replaced > /etc/passwd && echo app:x:1000:1000::/:/bin/sh >> /etc/passwd
USER app
WORKDIR /data
LABEL answer=42
ENTRYPOINT ["/bin/start"]
CMD ["one", "two words"]
`;
const start =
  '#!/bin/sh\necho "$GREETING, $(id -u) in $(pwd): $(cat link), $# arguments: $*"\n[ ! -e /etc/group ]\n';
const said = 'hello there, 1000 in /data: from a step, 2 arguments: one two words\n';
const isRoot = process.getuid?.() === 0;

describe('a built image', () => {
  let bench: Workbench;
  let context: string;
  let home: string;
  let digest: string;
  let debian: RegistryService | undefined;
  let docker: DockerEngine | undefined;
  let podman: Podman | undefined;
  const out = (name: string) => join(bench.scratch, name);

  before(async () => {
    bench = await openWorkbench();
    context = bench.context({ Dockerfile: dockerfile(bench.base), start });
    home = bench.home();
    digest =
      (await build('-o', `type=oci,dest=${out('layout')},tar=false`, '-t', 'app:latest')).metadata[
        'containerimage.digest'
      ] ?? '';
  });
  after(async () => {
    await docker?.close();
    await podman?.close();
    await debian?.close();
    await bench.close();
  });

  async function build(...args: string[]): Promise<{ metadata: Record<string, string>; id: string }> {
    return buildWith({}, ...args);
  }

  async function buildWith(
    env: Record<string, string>,
    ...args: string[]
  ): Promise<{ metadata: Record<string, string>; id: string }> {
    const files = ['--metadata-file', out('metadata.json'), '--iidfile', out('iid')];
    await succeed(['build', '--progress=plain', ...files, ...args, context], { home, env });
    return {
      metadata: JSON.parse(readFileSync(out('metadata.json'), 'utf8')) as Record<string, string>,
      id: readFileSync(out('iid'), 'utf8'),
    };
  }

  async function registries(t: Skips): Promise<readonly string[]> {
    if (!requireProgram(t, 'docker-registry', 'apt-get install docker-registry')) return [];
    debian ??= await startDockerRegistry();
    return [bench.registry.host, debian.host];
  }

  function ready(t: Skips, ...programs: string[]): boolean {
    return (
      requireBusybox(t) &&
      programs.every((program) => requireProgram(t, program, `apt-get install ${program}`)) &&
      requirePart(t, isRoot, 'container engines of a test need root')
    );
  }

  it('is pulled and run by Docker, from both registries, loaded and as an archive', async (t) => {
    if (!ready(t, 'docker') || !requireProgram(t, 'dockerd', 'apt-get install docker.io')) return;
    docker ??= await startDockerEngine();
    const run = async (name: string): Promise<string> =>
      (await docker?.docker(['run', '--rm', '--network=none', name]))?.stdout ?? '';
    for (const host of await registries(t)) {
      const name = `${host}/app:1`;
      const { id } = await build('--push', '-t', name);
      await docker.docker(['pull', '--quiet', name]);
      assert.equal(await run(name), said);
      assert.equal((await docker.docker(['image', 'inspect', '-f', '{{.Id}}', name])).stdout.trim(), id);
      await docker.docker(['rmi', '--force', id]);
    }
    const { id } = await buildWith({ DOCKER_HOST: docker.host }, '--load', '-t', 'loaded:1');
    assert.equal(await run('loaded:1'), said);
    assert.equal((await docker.docker(['image', 'inspect', '-f', '{{.Id}}', 'loaded:1'])).stdout.trim(), id);
    await docker.docker(['rmi', '--force', id]);
    await build('-o', `type=docker,dest=${out('docker.tar')}`, '-t', 'archive:1');
    await docker.docker(['load', '--input', out('docker.tar')]);
    assert.equal(await run('archive:1'), said);
    await build('-o', 'type=local,dest=/dev/null/nowhere').then(
      () => assert.fail('a folder below a device'),
      (error: Error) => assert.match(error.message, /error [A-Z_]+: /),
    );
  });

  it('is pulled and run by Podman, gzip and zstd, and loaded', async (t) => {
    if (!ready(t, 'podman')) return;
    podman ??= startPodman();
    for (const [at, host] of (await registries(t)).entries()) {
      const name = `${host}/podman:${at}`;
      const compression = at === 0 ? 'zstd' : 'gzip';
      await build('-o', `type=registry,compression=${compression},force-compression=true`, '-t', name);
      await podman.podman(['pull', '--quiet', '--tls-verify=false', name]);
      assert.equal((await podman.podman(['run', '--rm', '--network=none', name])).stdout, said);
      await podman.podman(['rmi', '--force', name]);
    }
    const bin = out('bin');
    mkdirSync(bin);
    const exports = Object.entries(podman.env).map(([name, value]) => `export ${name}='${value}'\n`);
    writeFileSync(
      join(bin, 'podman'),
      `#!/bin/sh\n${exports.join('')}exec /usr/bin/${podman.command.join(' ')} "$@"\n`,
    );
    chmodSync(join(bin, 'podman'), 0o755);
    const env = { PATH: `${bin}:${process.env['PATH']}`, DOCKER_HOST: `unix://${out('no.sock')}` };
    await buildWith(env, '--load', '-t', 'localhost/loaded:1');
    const run = await podman.podman(['run', '--rm', '--network=none', 'localhost/loaded:1']);
    assert.equal(run.stdout, said);
  });

  it('is unpacked by umoci and run by crun', async (t) => {
    if (!ready(t, 'umoci', 'crun')) return;
    const bundle = out('bundle');
    const tag = 'latest';
    await runProgram(['umoci', 'unpack', '--image', `${out('layout')}:${tag}`, bundle]);
    const path = join(bundle, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as RuntimeConfig;
    config.process.terminal = false;
    config.mounts = config.mounts.filter(({ type }) => type !== 'cgroup');
    writeFileSync(path, JSON.stringify(config));
    // crun refuses machines that have both versions of cgroups: here it sees none
    const alone = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs none /sys/fs/cgroup && exec "$@"',
      'sh',
    ] as const;
    const crun = ['crun', '--root', out('crun'), '--cgroup-manager=disabled'];
    const run = ['run', '--bundle', bundle, `onebuild-${process.pid}`];
    const { stdout } = await runProgram([...alone, ...crun, ...run]);
    assert.equal(stdout, said);
  });

  it('is read by skopeo, wherever it is', async (t) => {
    if (!ready(t, 'skopeo')) return;
    await build('-o', `type=oci,dest=${out('oci.tar')}`, '-t', 'example.com/app:1');
    await build('-o', `type=docker,dest=${out('docker.tar')}`, '-t', 'example.com/app:1');
    const [host] = await registries(t);
    await build('--push', '-t', `${host}/skopeo:1`);
    const flags = ['--insecure-policy', '--tls-verify=false'];
    for (const place of [
      `oci:${out('layout')}`,
      `oci-archive:${out('oci.tar')}`,
      `docker-archive:${out('docker.tar')}`,
      `docker://${host}/skopeo:1`,
    ]) {
      const inspect = ['skopeo', 'inspect', ...flags, place] as const;
      const found = JSON.parse((await runProgram(inspect)).stdout) as Record<string, unknown>;
      assert.deepEqual(found['Labels'], { answer: '42' }, place);
      assert.deepEqual([found['Os'], found['Layers'] instanceof Array], ['linux', true]);
      if (!place.startsWith('docker-archive')) assert.equal(found['Digest'], digest, place);
      const target = join(out('copies'), place.replaceAll(/\W/g, '_'));
      mkdirSync(target, { recursive: true });
      await runProgram([
        'skopeo',
        'copy',
        '--quiet',
        '--insecure-policy',
        '--src-tls-verify=false',
        place,
        `dir:${target}`,
      ]);
      assert.ok(existsSync(join(target, 'manifest.json')));
    }
  });

  it('says what it is in --metadata-file and --iidfile', async () => {
    const [host] = [bench.registry.host];
    const { metadata, id } = await build('--push', '-t', `${host}/meta:1`, '-t', `${host}/meta:2`);
    assert.equal(metadata['containerimage.digest'], digest);
    assert.equal(metadata['image.name'], `${host}/meta:1,${host}/meta:2`);
    const answer = await fetch(`http://${host}/v2/meta/manifests/${digest}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const manifest = (await answer.json()) as { config: { digest: string } };
    assert.equal(metadata['containerimage.config.digest'], manifest.config.digest);
    assert.equal(id, manifest.config.digest);
  });

  it('gives its files as a folder and as an archive', async () => {
    await build('-o', `type=local,dest=${out('files')}`, '-o', `type=tar,dest=${out('files.tar')}`);
    const at = (path: string) => join(out('files'), path);
    assert.equal(readFileSync(at('data/deep/file'), 'utf8'), 'from a step\n');
    assert.equal(readlinkSync(at('data/link')), 'deep/file');
    assert.equal(statSync(at('data/deep/file')).mode & 0o7777, 0o640);
    assert.equal(statSync(at('bin/start')).mode & 0o7777, 0o755);
    assert.ok(!existsSync(at('etc/group')));
    assert.ok(!existsSync(at('gone')));
    assert.deepEqual(readdirSync(at('etc')), ['passwd']);
    const listing = execFileSync('tar', ['-tvf', out('files.tar'), '--numeric-owner', '--utc'], {
      encoding: 'utf8',
    });
    assert.match(listing, /^-rw-r----- 1000\/1000 +12 .* data\/deep\/file$/m);
    assert.match(listing, /^lrwxrwxrwx 1000\/1000 +0 .* data\/link -> deep\/file$/m);
    assert.doesNotMatch(listing, /etc\/group|\.wh\.|gone/);
  });
});

/** What the test changes of an OCI runtime configuration. */
interface RuntimeConfig {
  readonly process: { terminal: boolean };
  mounts: readonly { readonly type?: string }[];
}
