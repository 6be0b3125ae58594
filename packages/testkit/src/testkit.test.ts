import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  casesFolder,
  compareCase,
  findProgram,
  makeCaseBase,
  publishLayout,
  randomImage,
  requirePart,
  requireProgram,
  runProgram,
  startDockerEngine,
  startDockerRegistry,
  startOneBuildRegistry,
  startPodman,
  temporaryFolder,
  writeLayout,
} from './index.ts';

for (const [name, start, program] of [
  ["Debian's registry", startDockerRegistry, 'docker-registry'],
  ["OneBuild's registry", startOneBuildRegistry, 'node'],
] as const) {
  test(`${name} takes a layout from skopeo, gives it back unchanged, and goes away`, async (t) => {
    if (!requireProgram(t, program, 'apt-get install docker-registry')) return;
    if (!requireProgram(t, 'skopeo', 'apt-get install skopeo')) return;
    const image = randomImage('a');
    const layout = temporaryFolder(t);
    writeLayout(layout, image);
    const registry = await start();
    t.after(() => registry.close());
    const reference = await publishLayout(layout, registry.host, 'team/app:1');
    const manifest = await fetch(`${registry.url}/v2/team/app/manifests/1`, {
      headers: { accept: image.descriptor.mediaType },
    });
    assert.deepEqual(Buffer.from(await manifest.arrayBuffer()), image.manifest);
    const back = join(temporaryFolder(t), 'back');
    await runProgram([
      'skopeo',
      'copy',
      '--insecure-policy',
      '--src-tls-verify=false',
      `docker://${reference}`,
      `dir:${back}`,
    ]);
    assert.deepEqual(readFileSync(join(back, 'manifest.json')), image.manifest);
    await registry.close();
    await registry.close();
    await assert.rejects(fetch(`${registry.url}/v2/`));
  });
}

test('the same seed gives the same image', () => {
  assert.deepEqual(randomImage('x', { layers: 3 }), randomImage('x', { layers: 3 }));
  assert.notDeepEqual(randomImage('x').descriptor, randomImage('y').descriptor);
});

test('a Docker Engine runs an image of a registry and leaves nothing behind', async (t) => {
  if (!requirePart(t, process.getuid?.() === 0, 'root is needed')) return;
  if (!requireProgram(t, 'dockerd', 'apt-get install docker.io')) return;
  const base = await busyboxBase(t);
  if (base === undefined) return;
  const registry = await startOneBuildRegistry();
  t.after(() => registry.close());
  const reference = await publishLayout(base, registry.host, 'base/busybox:1');
  const engine = await startDockerEngine();
  t.after(() => engine.close());
  const { stdout } = await engine.docker(['run', '--network=none', reference, 'echo', 'it runs']);
  assert.equal(stdout, 'it runs\n');
  const folder = engine.host.replace('unix://', '').replace('/docker.sock', '');
  await engine.close();
  assert.equal(existsSync(folder), false);
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(folder), false);
});

test('Podman runs an image of a registry and leaves nothing behind', async (t) => {
  if (!requirePart(t, process.getuid?.() === 0, 'root is needed')) return;
  if (!requireProgram(t, 'podman', 'apt-get install podman')) return;
  const base = await busyboxBase(t);
  if (base === undefined) return;
  const registry = await startOneBuildRegistry();
  t.after(() => registry.close());
  const reference = await publishLayout(base, registry.host, 'base/busybox:1');
  const podman = startPodman();
  t.after(() => podman.close());
  const { stdout } = await podman.podman([
    'run',
    '--tls-verify=false',
    '--network=none',
    reference,
    'echo',
    'it runs',
  ]);
  assert.equal(stdout, 'it runs\n');
  await podman.close();
  const root = podman.command[2] ?? '';
  assert.equal(existsSync(root), false);
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(root), false);
});

test('a case is compared with what it expects', async (t) => {
  const cases = casesFolder();
  if (!requirePart(t, cases !== undefined, 'the cases are not here: set ONEBUILD_CASES') || !cases) return;
  const base = await busyboxBase(t);
  if (base === undefined) return;
  const folder = join(cases, 'visible', 'bd-arg-from-default');
  const asBase = await compareCase(folder, base, { cases, base });
  const asFailed = await compareCase(folder, undefined, { cases, base });
  assert.notEqual(asBase.report, '');
  assert.equal(asFailed.ok, false);
});

test('a missing program skips, or fails where nothing may be skipped', (t) => {
  const before = process.env['ONEBUILD_TEST_STRICT'];
  t.after(() => {
    if (before === undefined) delete process.env['ONEBUILD_TEST_STRICT'];
    else process.env['ONEBUILD_TEST_STRICT'] = before;
  });
  const said: (string | undefined)[] = [];
  const context = { skip: (message?: string) => said.push(message) };
  delete process.env['ONEBUILD_TEST_STRICT'];
  assert.equal(requireProgram(context, 'no-such-program', 'apt-get install it'), false);
  assert.deepEqual(said, ['no-such-program is not installed: apt-get install it']);
  process.env['ONEBUILD_TEST_STRICT'] = '1';
  assert.throws(() => requireProgram(context, 'no-such-program', 'apt-get install it'), /no-such-program/);
  assert.equal(findProgram('sh') !== undefined, true);
});

async function busyboxBase(t: Parameters<typeof requireProgram>[0] & { after(run: () => void): void }) {
  const cases = casesFolder();
  if (!requirePart(t, cases !== undefined, 'the cases are not here: set ONEBUILD_CASES') || !cases)
    return undefined;
  if (!requireProgram(t, 'busybox', 'apt-get install busybox-static')) return undefined;
  const dir = join(temporaryFolder(t), 'base');
  await makeCaseBase(cases, dir);
  return dir;
}
