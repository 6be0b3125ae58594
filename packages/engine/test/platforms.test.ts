import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { isFault } from '@onebuild/core';
import { type BuildOptions, type BuildResult, build } from '@onebuild/engine';
import { parseManifest, parsePlatform, parseReference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import {
  findProgram,
  type RegistryService,
  requireProgram,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

const binfmt = '/proc/sys/fs/binfmt_misc';
const emulator = '/usr/bin/qemu-aarch64-static';

describe('platforms', () => {
  const scratch = temporaryFolder();
  const context = join(scratch, 'context');
  let service: RegistryService;
  let registry: RegistryClient;
  let count = 0;

  before(async () => {
    service = await startOneBuildRegistry();
    registry = createRegistryClient({});
    mkdirSync(join(context, 'bin'), { recursive: true });
    for (const architecture of ['amd64', 'arm64', 's390x']) {
      writeFileSync(join(context, `for-${architecture}`), `${architecture}\n`);
    }
    writeFileSync(join(context, 'bin', 'make-folder'), arm64Program(), { mode: 0o755 });
  });
  after(async () => {
    registry.close();
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  function buildFor(
    platforms: readonly string[],
    text: string,
    options: Partial<BuildOptions> = {},
  ): Promise<BuildResult> {
    return build(
      testBuildOptions({
        home: join(scratch, `home-${count++}`),
        context: { type: 'folder', path: context },
        dockerfile: { name: 'Dockerfile', text },
        platforms: platforms.map((platform) => parsePlatform(platform)),
        registry,
        ...options,
      }),
    );
  }

  it('files alone need no emulation: an index with an image for each platform', async () => {
    const name = parseReference(`${service.host}/files:1`);
    const text =
      'FROM scratch AS stage\nARG TARGETARCH\nCOPY for-$TARGETARCH /arch\nFROM scratch\nCOPY --from=stage /arch /\nLABEL a=b\n';
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
    const result = await buildFor(platforms, text, { outputs: [{ type: 'push', names: [name] }] });
    assert.deepEqual(result.images[0]?.platforms, platforms);
    const top = await registry.manifest(name);
    assert.equal(top.descriptor.digest, result.images[0]?.digest);
    assert.equal(result.imageId, top.descriptor.digest);
    const index = parseManifest(top.bytes, top.descriptor.mediaType);
    assert.ok(index.kind === 'index');
    assert.deepEqual(
      index.value.manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`),
      platforms,
    );
    assert.equal(new Set(index.value.manifests.map(({ digest }) => digest)).size, 3);

    // each is found again, by its platform
    for (const platform of platforms) {
      const dest = join(scratch, platform.replace('/', '-'));
      const from = `FROM ${service.host}/files:1\n`;
      await buildFor([platform], from, { outputs: [{ type: 'local', dest }] });
      assert.equal(
        spawnSync('cat', [join(dest, 'arch')], { encoding: 'utf8' }).stdout,
        `${platform.split('/')[1]}\n`,
      );
    }
    await assert.rejects(
      buildFor(['linux/riscv64'], `FROM ${service.host}/files:1\n`),
      (error) => isFault(error, 'PLATFORM_MISSING') && /linux\/amd64, linux\/arm64/.test(error.message),
    );
  });

  it('a step for a processor that is not there names the package that helps', async (t) => {
    if (existsSync(`${binfmt}/qemu-s390x`)) return t.skip('this machine emulates s390x');
    const text = 'FROM scratch\nCOPY bin /bin\nRUN ["/bin/make-folder"]\n';
    await assert.rejects(buildFor(['linux/s390x'], text), (error) => {
      assert.ok(isFault(error, 'PLATFORM_NOT_RUNNABLE'));
      assert.match(error.message, /linux\/s390x/);
      assert.match(error.hint, /apt-get install qemu-user-static binfmt-support/);
      assert.equal(error.location?.line, 3);
      return true;
    });
  });

  it('a step runs under emulation', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    if (process.arch === 'x64' && !enableEmulation(t)) return;
    const dest = join(scratch, 'emulated');
    const text = 'FROM scratch\nCOPY bin /bin\nRUN ["/bin/make-folder"]\n';
    await buildFor(['linux/arm64'], text, { outputs: [{ type: 'local', dest }] });
    assert.ok(existsSync(join(dest, 'made')));
    // it is the program that made it: a second time it fails
    const twice = `${text}RUN ["/bin/make-folder"]\n`;
    await assert.rejects(buildFor(['linux/arm64'], twice), (error) => isFault(error, 'STEP_FAILED'));
  });
});

/** Registers qemu for the time of the test, as the package binfmt-support does. */
function enableEmulation(t: TestContext): boolean {
  if (existsSync(`${binfmt}/qemu-aarch64`)) return true;
  const missing =
    process.getuid?.() !== 0
      ? 'only root registers emulation'
      : findProgram('qemu-aarch64-static') === undefined
        ? 'qemu is not installed: apt-get install qemu-user-static'
        : undefined;
  if (missing !== undefined) {
    t.skip(`NOT TESTED: steps under emulation: ${missing}`);
    return false;
  }
  const mounted = existsSync(`${binfmt}/register`);
  if (!mounted && spawnSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', binfmt]).status !== 0) {
    t.skip('NOT TESTED: steps under emulation: binfmt_misc cannot be mounted');
    return false;
  }
  const name = `onebuild-test-${process.pid}`;
  const magic = `\\x7fELF\\x02\\x01\\x01${'\\x00'.repeat(9)}\\x02\\x00\\xb7\\x00`;
  const mask = `${'\\xff'.repeat(7)}\\x00${'\\xff'.repeat(8)}\\xfe\\xff\\xff\\xff`;
  writeFileSync(`${binfmt}/register`, `:${name}:M:0:${magic}:${mask}:${emulator}:F`);
  t.after(() => {
    writeFileSync(`${binfmt}/${name}`, '-1');
    if (!mounted) spawnSync('umount', [binfmt]);
  });
  return true;
}

/** A static program for arm64 that makes the folder /made, and exits with what mkdirat(2) gave. */
function arm64Program(): Buffer {
  const code = [
    0xd2800448, // mov x8, #34: mkdirat
    0x92800c60, // mov x0, #-100: AT_FDCWD
    0x100000a1, // adr x1, path
    0xd2803da2, // mov x2, #0755
    0xd4000001, // svc #0
    0xd2800ba8, // mov x8, #93: exit
    0xd4000001, // svc #0
  ];
  const headers = 64 + 56;
  const path = Buffer.from('/made\0\0\0');
  const bytes = Buffer.alloc(headers + code.length * 4 + path.length);
  const start = 0x400000n;
  bytes.write('7f454c46020101', 'hex');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(183, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(start + BigInt(headers), 24);
  bytes.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [64, 56, 1].entries()) bytes.writeUInt16LE(value, 52 + at * 2);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(5, 68);
  const segment = [0n, start, start, BigInt(bytes.length), BigInt(bytes.length), 0x1000n];
  for (const [at, value] of segment.entries()) bytes.writeBigUInt64LE(value, 72 + at * 8);
  for (const [at, value] of code.entries()) bytes.writeUInt32LE(value, headers + at * 4);
  path.copy(bytes, headers + code.length * 4);
  return bytes;
}
