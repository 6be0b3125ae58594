import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertTagsWhole,
  type RegistryService,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { type Gate, type Hold, startGate } from './gate.ts';
import { runCommand, startCommand, succeed } from './start-command.ts';

type Tags = Readonly<Record<string, string>>;

const project = (main: string, mirror: string) => `app: demo
registries:
  main: { host: "${main}" }
  mirror: { host: "${mirror}" }
components:
  box:
    context: .
    platforms: [linux/amd64, linux/arm64]
    variants:
      standard: { dockerfile: Dockerfile }
      other: { dockerfile: Dockerfile.other }
    images: [ "main/ops/\${variant}:1", "mirror/copy/\${variant}:1" ]
`;

describe('kill -9 of a publication of two variants to two registries', { timeout: 300_000 }, () => {
  const scratch = temporaryFolder();
  const folder = join(scratch, 'project');
  const home = join(scratch, 'home');
  const args = ['build', '--push', '--progress=plain'];
  let registries: readonly RegistryService[] = [];
  let gates: readonly Gate[] = [];
  let version = 0;
  /** What the tags name between two rounds. */
  let old: Tags = {};

  before(async () => {
    registries = await Promise.all([startOneBuildRegistry(), startOneBuildRegistry()]);
    gates = await Promise.all(registries.map(({ url }) => startGate(url)));
    mkdirSync(folder);
    const files = {
      'onebuild.yaml': project(gates[0]?.host ?? '', gates[1]?.host ?? ''),
      Dockerfile: 'FROM scratch\nCOPY version /\n',
      'Dockerfile.other': 'FROM scratch\nCOPY version /\nLABEL box=other\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    change();
    old = await publish();
  });
  after(async () => {
    for (const service of [...gates, ...registries]) await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Makes all images new ones. */
  const change = () => writeFileSync(join(folder, 'version'), `${++version}\n`);

  /** What all tags of both registries name, each of them a whole image. */
  async function tags(): Promise<Tags> {
    const [main, mirror] = await Promise.all(registries.map(({ url }) => assertTagsWhole(url)));
    return { ...main, ...mirror };
  }

  /** Undisturbed: all tags are new, and the same in both registries. */
  async function publish(): Promise<Tags> {
    await succeed(args, { home, cwd: folder });
    const now = await tags();
    assert.equal(Object.keys(now).length, 4);
    for (const variant of ['standard', 'other']) {
      assert.ok(now[`ops/${variant}:1`]);
      assert.equal(now[`ops/${variant}:1`], now[`copy/${variant}:1`]);
      assert.notEqual(now[`ops/${variant}:1`], old[`ops/${variant}:1`]);
    }
    return now;
  }

  /**
   * Kills when a request is held and `ready` is done; then publishes.
   * @returns the names that had moved, or undefined where nothing was held
   */
  async function round(
    decide: (method: string, path: string) => Hold | undefined,
    ready: () => Promise<unknown> = async () => {},
  ): Promise<readonly string[] | undefined> {
    change();
    const held = Promise.race(gates.map((gate) => gate.hold(decide)));
    const build = startCommand(args, { home, cwd: folder });
    const isHeld = await Promise.race([held.then(() => true), build.ended.then(() => false)]);
    if (isHeld) await ready();
    build.child.kill('SIGKILL');
    await build.ended;
    for (const gate of gates) gate.open();
    const between = await tags();
    const now = await publish();
    const moved = Object.keys(now).filter((name) => between[name] !== old[name]);
    for (const name of moved) assert.equal(between[name], now[name], `${name} names something else`);
    old = now;
    return isHeld ? moved : undefined;
  }

  it('at requests from the first to the last', async () => {
    let rounds = 0;
    for (let number = 1; ; number += 7) {
      let count = 0;
      const hold = number % 2 === 0 ? 'request' : 'answer';
      const moved = await round(() => (++count === number ? hold : undefined));
      if (moved === undefined) break;
      rounds++;
    }
    assert.ok(rounds > 6, `${rounds} requests were held`);
  });

  it('before a tag moves in any registry', async () => {
    const isTag = (method: string, path: string) => method === 'PUT' && path.endsWith('/manifests/1');
    assert.deepEqual(await round((method, path) => (isTag(method, path) ? 'request' : undefined)), []);
  });

  it('when all tags have moved in one registry, and none in the other', async () => {
    const moved = await round(
      (method, path) => (method === 'PUT' && /\/copy\/.*\/manifests\/1$/.test(path) ? 'request' : undefined),
      async () => {
        const at = async (name: string) => (await tags())[name] === old[name];
        while ((await at('ops/standard:1')) || (await at('ops/other:1'))) await sleep(10);
      },
    );
    assert.deepEqual(moved?.toSorted(), ['ops/other:1', 'ops/standard:1']);
  });

  it('when a tag has moved and nobody was told', async () => {
    const isTag = (method: string, path: string) =>
      method === 'PUT' && path.endsWith('/copy/other/manifests/1');
    const moved = await round((method, path) => (isTag(method, path) ? 'answer' : undefined));
    assert.ok(moved?.includes('copy/other:1'));
  });

  it('a registry that is gone: what is where, and what to do', async () => {
    change();
    await gates[1]?.close();
    const { code, stderr } = await runCommand(args, { home, cwd: folder });
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /^error REGISTRY_UNREACHABLE: no tag has moved: .*\/copy\/.* refused the connection$/m,
    );
    assert.match(stderr, /hint: .* The same command goes on where this one ended/);
    assert.deepEqual(await tags(), old);
  });
});
