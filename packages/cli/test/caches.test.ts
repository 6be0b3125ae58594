import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BuildEvent } from '@onebuild/core';
import { requireBusybox, requireProgram, type Skips } from '@onebuild/testkit';
import { runCommand, succeed } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** An index or a manifest. */
interface Document {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly layers?: readonly { readonly digest: string }[];
}

const blobPath = (digest = '') => `blobs/${digest.replace(':', '/')}`;

describe('caches on the command line', { timeout: 180_000 }, () => {
  let bench: Workbench;
  let count = 0;

  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  /** A folder with a Dockerfile of two steps. */
  const project = (files: Readonly<Record<string, string>> = {}) =>
    bench.context({
      Dockerfile: `FROM ${bench.base}\nCOPY source /source\nRUN cat /source > /one\nRUN echo two > /two\n`,
      source: `${count}`,
      ...files,
    });
  const image = () => `${bench.registry.host}/caches/app-${++count}`;

  /** Steps that ran, on a worker that never built anything. */
  async function ran(cwd: string, args: readonly string[], env = {}): Promise<readonly string[]> {
    const command = ['build', '--progress=json', ...args];
    const { stdout } = await succeed(command, { home: bench.home(), cwd, env });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BuildEvent);
    assert.deepEqual(
      events.filter(({ type }) => type === 'warning'),
      [],
    );
    const names = new Map(
      events.flatMap((event) => (event.type === 'step.started' ? [[event.step, event.name]] : [])),
    );
    return events.flatMap((event) => {
      const isRun = event.type === 'step.finished' && event.status === 'done';
      const name = isRun ? (names.get(event.step) ?? '') : '';
      return name.startsWith('RUN') ? [name] : [];
    });
  }

  const both = ['RUN cat /source > /one', 'RUN echo two > /two'];

  it('spare a worker that forgets all steps, beside the image', async (t) => {
    if (!ready(t)) return;
    const cwd = project();
    const line = ['-t', `${image()}:1`, '--push', '--cache-from=type=registry', '--cache-to=type=registry'];
    assert.deepEqual((await ran(cwd, line)).toSorted(), both);
    assert.deepEqual(await ran(cwd, line), []);
    assert.deepEqual(await ran(cwd, [...line, '--no-cache-filter', 'RUN echo*']), [both[1]]);
  });

  it('are read and not written where that is said', async (t) => {
    if (!ready(t)) return;
    const cwd = project();
    const cache = ['--cache-from', './cache', '--cache-to', './cache'];
    const list = () => runCommand(['cache', 'ls', '--json', './cache'], { home: bench.home(), cwd });
    assert.equal((await ran(cwd, ['--cache-access', 'read', ...cache, '.'])).length, 2);
    assert.equal((await list()).code, 5, 'nothing was written');
    await ran(cwd, [...cache, '.']);
    assert.equal((await list()).code, 0);
    assert.deepEqual(await ran(cwd, [...cache, '.'], { ONEBUILD_CACHE_ACCESS: 'read' }), []);
    assert.equal((await ran(cwd, [...cache, '.'], { ONEBUILD_CACHE_ACCESS: 'none' })).length, 2);
  });

  it('of the project file are signed, and refused where the key is another one', async (t) => {
    if (!ready(t)) return;
    const pair = () => generateKeyPairSync('ed25519');
    const [mine, other] = [pair(), pair()];
    const open = (key: typeof mine) => key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const cwd = project({
      'onebuild.yaml': 'components: { web: { cache: { to: ./cache, sign: cache.key, verify: cache.pub } } }',
      '.dockerignore': '*\n!source\n',
      'cache.key': mine.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'cache.pub': open(mine),
    });
    assert.equal((await ran(cwd, [])).length, 2);
    assert.deepEqual(await ran(cwd, []), []);
    writeFileSync(join(cwd, 'other.pub'), open(other));
    const verify = ['cache', 'verify', './cache', '--json', '--verify'];
    const counts = async (key: string) => {
      const { stdout } = await succeed([...verify, key], { home: bench.home(), cwd });
      const { signed, otherwiseSigned } = JSON.parse(stdout) as Record<string, number>;
      return { signed, otherwiseSigned };
    };
    const byMine = await counts('cache.pub');
    assert.ok((byMine.signed ?? 0) > 0 && byMine.otherwiseSigned === 0);
    assert.deepEqual(await counts('other.pub'), { signed: 0, otherwiseSigned: byMine.signed });
    const from = ['--cache-from', 'type=local,src=cache,verify=other.pub', '.'];
    assert.equal((await ran(cwd, from)).length, 2);
  });

  it('tell what they hold, what they brought, what is damaged, and lose what is old', async (t) => {
    if (!ready(t)) return;
    const cwd = project();
    const home = bench.home();
    const build = [
      'build',
      '-q',
      '--cache-from',
      './cache',
      '--cache-to',
      'type=local,dest=cache,mode=max',
      '.',
    ];
    await succeed(build, { home, cwd });
    const asked = async (...args: string[]) => await runCommand(['cache', ...args], { home, cwd });
    assert.match((await asked('ls', './cache')).stdout, /^KIND .*\nsteps +2 /);
    assert.match((await asked('stats', './cache')).stdout, /: 1 build saved /);
    assert.match((await asked('stats')).stdout, /: 1 build saved /);
    assert.match((await asked('prune', './cache', '--max-size', '0')).stdout, /entries .* removed/);
    await succeed(['build', '-q', '--no-cache', ...build.slice(2)], { home, cwd });
    assert.equal((await asked('verify', './cache')).code, 0);
    const layout = (path: string) => JSON.parse(readFileSync(join(cwd, 'cache', path), 'utf8')) as Document;
    const [top] = layout('index.json').manifests ?? [];
    const [blob] = layout(blobPath(top?.digest)).layers ?? [];
    const path = join(cwd, 'cache', blobPath(blob?.digest));
    writeFileSync(path, 'x'.repeat(statSync(path).size));
    const damaged = await asked('verify', './cache');
    assert.equal(damaged.code, 1, damaged.stderr);
    assert.match(damaged.stdout, /^damaged: \w+ .*\n.* entries: /);
    assert.equal((await asked('verify', './cache', '--fix')).code, 1);
    assert.equal((await asked('verify', './cache')).code, 0);
  });
});
