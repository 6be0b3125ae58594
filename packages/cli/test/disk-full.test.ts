import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assertTagsWhole, requireBusybox, requireProgram, type Skips } from '@onebuild/testkit';
import { assertFull, assertVerified, fillDisk, largeDisk, measureDisk } from './endurance/fill-disk.ts';
import { startRegistryProcess } from './endurance/registry-process.ts';
import { openWorld, type Project, type World } from './endurance/world.ts';
import { openSmallDisk, requireSmallDisk, type SmallDisk } from './small-disk.ts';
import { runCommand, succeed } from './start-command.ts';

describe('a full disk', () => {
  let world: World;
  let project: Project;
  let disk: SmallDisk | undefined;

  before(async () => {
    world = await openWorld({ projects: 1 });
    project = world.projects[0];
  });
  after(async () => {
    await disk?.close();
    await world.close();
  });

  async function ready(t: Skips): Promise<SmallDisk | undefined> {
    if (!requireBusybox(t) || !requireProgram(t, 'crun', 'apt-get install crun')) return undefined;
    if (!requireSmallDisk(t)) return undefined;
    disk ??= await openSmallDisk(join(world.bench.scratch, 'small'));
    return disk;
  }

  const building = () => ['build', '--quiet', project.context];

  it('of the store, wherever in a build it happens: one error, and the same build goes on when there is room', async (t) => {
    const small = await ready(t);
    if (!small) return;
    const whole = await measureDisk(small, project);
    const said = new Set<string>();
    // the smallest ones have no room for the database, or for nothing else
    for (const size of [4096, 80_000, ...[0.1, 0.3, 0.45, 0.6, 0.75, 0.95].map((part) => part * whole)]) {
      const words = await fillDisk(small, project, { size, verify: size > 0.4 * whole });
      if (words !== undefined) said.add(words.replaceAll(/[0-9a-f]{8,}/g, 'X'));
    }
    assert.ok(said.size >= 4, `it happened in different places: ${[...said].join('')}`);
  });

  it('of the store: gc makes room, and loses nothing that a build needs', async (t) => {
    const small = await ready(t);
    if (!small) return;
    const home = join(small.path, 'home');
    small.renew(largeDisk);
    await small.run(building(), { home });
    small.resize(small.used() + 8192);
    small.tool('sh', '-c', `cat /dev/zero > ${small.path}/filler 2> /dev/null || true`);
    const full = await small.run(['build', '--quiet', '--no-cache', project.context], { home });
    assertFull(full, home);
    const collected = await small.run(['store', 'gc'], { home });
    assert.equal(collected.code, 0, collected.stderr);
    small.resize(largeDisk);
    assert.equal((await small.run(building(), { home })).stdout.trim(), project.imageId);
    await assertVerified(small, home);
  });

  it('of an output: one error, nothing half is left under its name, the store is as it was', async (t) => {
    const small = await ready(t);
    if (!small) return;
    const home = world.bench.home();
    await world.build(home, project);
    for (const [type, size] of [
      ['oci', 64 * 1024],
      ['oci', 2_000_000],
      ['docker', 1_000_000],
      ['tar', 1_000_000],
      ['local', 1_000_000],
      ['oci,tar=false', 2_000_000],
    ] as const) {
      small.renew(size);
      const dest = join(small.path, 'out');
      const result = await small.run(['build', '-o', `type=${type},dest=${dest}`, project.context], { home });
      assertFull(result, dest);
      const isFolder = type === 'local' || type === 'oci,tar=false';
      assert.equal(existsSync(join(small.outside, 'out')), isFolder);
      assert.ok(!existsSync(join(small.outside, 'out', 'index.json')));
    }
    assert.match((await succeed(['store', 'verify'], { home })).stdout, / 0 damaged$/m);
  });

  it('of a registry: the push fails with its words, no tag dangles, and it goes through when there is room', async (t) => {
    const small = await ready(t);
    if (!small) return;
    const home = world.bench.home();
    await world.build(home, project);
    for (const size of [256 * 1024, 2_000_000]) {
      small.renew(size);
      const root = join(small.path, 'registry');
      const registry = await startRegistryProcess(world, { root, program: small.program });
      const push = ['build', '--quiet', '--push', '-t', `${registry.host}/pushed:a`, project.context];
      const full = await runCommand(push, { home });
      assert.equal(full.code, 6, full.stderr);
      assert.equal(full.stderr.split(/^error /m).length, 2, full.stderr);
      assert.match(full.stderr, /^error REGISTRY_UNAVAILABLE: .*the registry has no room left/m);
      assert.match(full.stderr, /^ {2}hint: Free space/m);
      assert.deepEqual(await assertTagsWhole(registry.url), {});
      small.resize(largeDisk);
      await succeed(push, { home });
      assert.deepEqual(await assertTagsWhole(registry.url), { 'pushed:a': project.digest });
      await registry.kill();
    }
  });

  it('a store that is read-only is named', async (t) => {
    const small = await ready(t);
    if (!small) return;
    const home = join(small.path, 'home');
    small.renew(largeDisk);
    await small.run(building(), { home });
    small.tool('mount', '-o', 'remount,ro', small.path);
    const result = await small.run(building(), { home });
    assert.equal(result.code, 8, result.stderr);
    assert.equal(result.stderr.split(/^error /m).length, 2, result.stderr);
    assert.match(result.stderr, /^error FILE_ACCESS: .*\/small\/home/m);
    small.tool('mount', '-o', 'remount,rw', small.path);
    await assertVerified(small, home);
  });
});
