import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { requireBusybox, requireProgram, type Skips } from '@onebuild/testkit';
import { mismatchesOf, tempOf } from './leftovers.ts';
import { runCommand, succeed } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const dockerfile = (base: string, name: string) => `FROM ${base} AS tools
RUN seq 20000 > /numbers
FROM ${base}
COPY files /files
COPY --from=tools /numbers /
RUN echo ${name} > /name && cp -a /files /more && true
RUN true
`;

describe('one store, several processes', { timeout: 120_000 }, () => {
  let bench: Workbench;

  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  function context(name: string): string {
    const files = Array.from({ length: 40 }, (_, at) => [`files/${at % 5}/${at}`, `${at}\n`.repeat(50)]);
    const Dockerfile = dockerfile(bench.base, name);
    return bench.context({ Dockerfile, ...(Object.fromEntries(files) as Record<string, string>) });
  }

  async function digestOf(home: string, folder: string, more: readonly string[] = []): Promise<string> {
    return (await succeed(['build', '--quiet', ...more, folder], { home })).stdout.trim();
  }

  async function assertVerified(home: string): Promise<void> {
    const { stdout } = await succeed(['store', 'verify'], { home });
    assert.match(stdout, /^\d+ items checked, 0 damaged$/m);
    assert.deepEqual(tempOf(home), []);
  }

  it('ten builds and collections without end at once: all succeed with the digests that they have alone', async (t) => {
    if (!ready(t)) return;
    const folders = ['first', 'second', 'third'].map(context);
    const alone = await Promise.all(folders.map((folder) => digestOf(bench.home(), folder)));
    assert.equal(new Set(alone).size, folders.length);
    const home = bench.home();
    for (const again of [[], ['--no-cache']]) {
      const builds = Array.from({ length: 10 }, async (_, at) => {
        const digest = await digestOf(home, folders[at % 3] ?? '', at % 2 === 0 ? [] : again);
        assert.equal(digest, alone[at % 3], `build ${at}`);
      });
      let building = true;
      const collections = (async () => {
        const variants = [[], ['--keep-size=0'], ['--keep-days=0'], ['--keep-size=3m']];
        for (let at = 0; building; at++)
          await succeed(['store', 'gc', ...(variants[at % 4] ?? [])], { home });
      })();
      await Promise.all(builds).finally(() => {
        building = false;
      });
      await collections;
    }
    await assertVerified(home);
    assert.deepEqual(mismatchesOf(home), []);
    await succeed(['store', 'gc'], { home });
    assert.deepEqual(
      readStore(home).map(({ room, names }) => [room, names.length]),
      ['blobs/sha256', 'layers', 'index'].map((room) => [room, 0]),
    );
    assert.equal(await digestOf(home, folders[0] ?? ''), alone[0]);
  });

  it('a locked cache mount has one holder at a time', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const mount = '--mount=type=cache,id=shared-by-all,target=/c,sharing=locked';
    const turn = 'mkdir /c/held && sleep 0.2 && rmdir /c/held && echo turn >> /c/turns && cat /c/turns';
    const builds = ['one', 'two', 'three'].map((name) =>
      succeed(
        [
          'build',
          '--progress=plain',
          bench.context({ Dockerfile: `FROM ${bench.base}\nRUN ${mount} : ${name}; ${turn}\n` }),
        ],
        { home },
      ),
    );
    const turns = (await Promise.all(builds)).map(({ stderr }) => stderr.match(/ turn$/gm)?.length);
    assert.deepEqual(turns.sort(), [1, 2, 3]);
  });

  it('steps that want the same locks in another order, or one of them twice, do not wait for ever', async (t) => {
    if (!ready(t)) return;
    const mount = (id: string, target: string) =>
      `--mount=type=cache,id=${id},target=/${target},sharing=locked`;
    const Dockerfile = [
      `FROM ${bench.base} AS one`,
      `RUN ${mount('a', 'x')} ${mount('b', 'y')} sleep 0.2; touch /one`,
      `FROM ${bench.base} AS two`,
      `RUN ${mount('b', 'x')} ${mount('a', 'y')} sleep 0.2; touch /two`,
      `FROM ${bench.base} AS three`,
      `RUN ${mount('a', 'x')} ${mount('a', 'y')} touch /x/same && test -e /y/same && touch /three`,
      `FROM ${bench.base}`,
      'COPY --from=one /one /',
      'COPY --from=two /two /',
      'COPY --from=three /three /',
      '',
    ].join('\n');
    await succeed(['build', '--jobs=3', bench.context({ Dockerfile })], { home: bench.home() });
  });

  it('verify removes what is damaged, and the next build makes it again', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const folder = context('damaged');
    const digest = await digestOf(home, folder);
    await assertVerified(home);
    const rooms = readStore(home);
    for (const { room, names } of rooms) {
      for (const name of names) damage(join(home, room, name));
    }
    const damaged = await runCommand(['store', 'verify'], { home });
    assert.equal(damaged.code, 7, damaged.stdout);
    for (const kind of ['blob', 'index', 'layer'])
      assert.match(damaged.stdout, new RegExp(`^damaged and removed: ${kind} sha256:`, 'm'));
    await assertVerified(home);
    assert.equal(await digestOf(home, folder), digest);
    const layout = join(bench.scratch, 'repaired.tar');
    await succeed(['build', '-o', `type=oci,dest=${layout}`, folder], { home });
    await assertVerified(home);
  });

  it('verify leaves what a running build may just have put in place', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    await digestOf(home, context('stray'));
    const stray = join(home, 'layers', '0'.repeat(64));
    writeFileSync(stray, 'stray');
    await assertVerified(home);
    assert.equal(readFileSync(stray, 'utf8'), 'stray', 'what is young may belong to a build that runs');
  });
});

function readStore(home: string): readonly { room: string; names: readonly string[] }[] {
  return ['blobs/sha256', 'layers', 'index'].map((room) => ({ room, names: readdirSync(join(home, room)) }));
}

/** Changes bytes: of a file, or of the first file with content in a folder. */
function damage(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory())
    return readdirSync(path)
      .sort()
      .some((name) => damage(join(path, name)));
  if (stat === undefined || !stat.isFile() || stat.size === 0) return false;
  appendFileSync(path, 'damage');
  return true;
}
