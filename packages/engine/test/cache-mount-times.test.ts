import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext, test } from 'node:test';
import { type BuildOptions, build, collectStore } from '@onebuild/engine';
import { makeBusyboxRoot, requireProgram, temporaryFolder } from '@onebuild/testkit';
import { buildFiles } from '../src/operations/build-files.fixture.ts';
import { testBuildOptions } from './build-options.ts';

/** What make does: each output of a source that is younger is made again; the one of all, when a source or the folder is. */
const maker = `set -eu
out=/cache/out; mkdir -p $out; : > /log
for file in "$1"/*; do
  made=$out/\${file##*/}
  if [ ! -e "$made" ] || [ "$file" -nt "$made" ]; then cat "$file" > "$made"; echo "\${file##*/}" >> /log; fi
done
for file in "$1" "$1"/*; do if [ "$file" -nt $out/.all ]; then rm -f $out/.all; fi; done
[ -e $out/.all ] || cat "$1"/* > $out/.all
cp $out/.all /all
`;

const cached = 'RUN --mount=type=cache,target=/cache sh /maker';
const base = 'FROM scratch AS work\nCOPY root /\n';
const plain = `${base}COPY src /src\n${cached} /src\n`;

type Texts = Readonly<Record<string, string>>;

interface World {
  readonly home: string;
  readonly context: string;
  write(sources: Texts): void;
  /** Builds; says which outputs were made, and what is in the one of all. */
  make(dockerfile: string, options?: Partial<BuildOptions>): Promise<readonly [made: string, all: string]>;
}

function createWorld(t: TestContext, sources: Texts, home = join(temporaryFolder(t), 'home')): World {
  const context = temporaryFolder(t);
  mkdirSync(join(context, 'src'));
  makeBusyboxRoot(join(context, 'root'));
  writeFileSync(join(context, 'root', 'maker'), maker);
  const write = (texts: Texts): void => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(context, 'src', name), `${text}\n`);
  };
  write(sources);
  return {
    home,
    context,
    write,
    async make(dockerfile, options) {
      const files = await buildFiles(t, `${dockerfile}FROM scratch\nCOPY --from=work /log /all /\n`, {
        home,
        context: { type: 'folder', path: context },
        ...options,
      });
      const read = (name: string) => readFileSync(join(files, name), 'utf8').trim().replaceAll('\n', ' ');
      return [read('log'), read('all')];
    },
  };
}

// they wait a lot: what counts as new gets the next whole second
describe('a RUN with a cache mount makes again what changed, and nothing else', { concurrency: 4 }, () => {
  it('a file that changed, is new, or went', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const { make, write, context } = createWorld(t, { a: 'a1', b: 'b1', c: 'c1' });
    assert.deepEqual(await make(plain), ['a b c', 'a1 b1 c1']);
    write({ a: 'a2' });
    assert.deepEqual(await make(plain), ['a', 'a2 b1 c1']);
    write({ b: 'b2' });
    assert.deepEqual(await make(plain), ['b', 'a2 b2 c1']);
    write({ d: 'd1' });
    assert.deepEqual(await make(plain), ['d', 'a2 b2 c1 d1']);
    rmSync(join(context, 'src/d'));
    rmSync(join(context, 'src/c'));
    assert.deepEqual(await make(plain), ['', 'a2 b2'], 'the folder changed');
    utimesSync(join(context, 'src/a'), 1e9, 1e9);
    assert.deepEqual(await make(plain, { noCache: true }), ['', 'a2 b2'], 'nothing but a time');
  });

  it('a content that comes back, and whatever was in between is not in the cache of steps', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const { make, write, home } = createWorld(t, { a: 'a1', b: 'b1' });
    await make(plain);
    write({ a: 'a2' });
    await make(plain);
    write({ a: 'a1' });
    assert.deepEqual(await make(plain, { noCache: true }), ['a', 'a1 b1']);
    write({ a: 'a2' });
    assert.deepEqual(await make(plain, { noCache: true }), ['a', 'a2 b1']);
    await collectStore({ home, clock: Date.now, keepBytes: 1 << 30 });
    write({ a: 'a1', b: 'b2' });
    assert.deepEqual(await make(plain), ['a b', 'a1 b2']);
  });

  it('a step that failed, or whose text changed', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const { make, write } = createWorld(t, { a: 'a1', b: 'b1' });
    await make(plain);
    write({ a: 'a2' });
    const failing = plain.replace('sh /maker', 'if [ -e /src/bad ]; then exit 1; fi; sh /maker');
    assert.deepEqual(await make(failing), ['a', 'a2 b1'], 'another text');
    write({ bad: '' });
    await assert.rejects(make(failing), { code: 'STEP_FAILED' });
    write({ a: 'a3', bad: '' });
    await assert.rejects(make(failing), { code: 'STEP_FAILED' });
    assert.deepEqual(await make(plain), ['a bad', 'a3 b1']);
  });

  it('two steps with one mount: what the first made need not be made again by the second', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const { make, write } = createWorld(t, { a: 'a1', b: 'b1' });
    const twice = `${plain}COPY root/maker /other\n${cached} /src # again\n`;
    assert.deepEqual(await make(twice), ['', 'a1 b1']);
    write({ a: 'a2' });
    assert.deepEqual(await make(twice), ['', 'a2 b1']);
    write({ a: 'a1' });
    assert.deepEqual(await make(twice, { noCache: true }), ['', 'a1 b1']);
    assert.deepEqual(await make(plain, { noCache: true }), ['', 'a1 b1']);
  });

  it('two contexts with one mount, again and again', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const one = createWorld(t, { a: 'a1', b: 'b1' });
    const other = createWorld(t, { a: 'other', b: 'b1' }, one.home);
    await one.make(plain);
    assert.deepEqual(await other.make(plain), ['a', 'other b1']);
    assert.deepEqual(await one.make(plain, { noCache: true }), ['a', 'a1 b1']);
    assert.deepEqual(await one.make(plain, { noCache: true }), ['', 'a1 b1']);
    assert.deepEqual(await other.make(plain, { noCache: true }), ['a', 'other b1']);
  });

  it('what an earlier RUN made, what comes from a stage, what is mounted', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const shapes = {
      'an earlier RUN': `${base}COPY src /from\nRUN mkdir /src && cp /from/* /src/\n${cached} /src\n`,
      'a stage': `FROM scratch AS first\nCOPY src /src\n${base}COPY --from=first /src /src\n${cached} /src\n`,
      'a mount of a stage': `FROM scratch AS first\nCOPY src /in\n${base}${cached.replace('RUN', 'RUN --mount=from=first,target=/m')} /m/in\n`,
      'a mount of the context': `${base}${cached.replace('RUN', 'RUN --mount=source=src,target=/m')} /m\n`,
      'one file with two names': `${base}COPY src /src\nRUN mkdir /more && ln /src/a /more/a && ln /src/b /more/b\n${cached} /more\n`,
    };
    const check = async ([name, dockerfile]: readonly [string, string]): Promise<void> => {
      const { make, write } = createWorld(t, { a: 'a1', b: 'b1' });
      assert.deepEqual(await make(dockerfile), ['a b', 'a1 b1'], name);
      write({ a: 'a2' });
      assert.deepEqual(await make(dockerfile), ['a', 'a2 b1'], name);
      write({ b: 'b2' });
      assert.deepEqual(await make(dockerfile), ['b', 'a2 b2'], name);
      write({ b: 'b1' });
      assert.deepEqual(await make(dockerfile, { noCache: true }), ['b', 'a2 b1'], name);
    };
    await Promise.all(Object.entries(shapes).map(check));
  });

  it('many files: an earlier folder is used for what is the same', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, number) => [`file-${number}`, 'same']));
    const { make, write } = createWorld(t, many);
    await make(plain);
    for (const number of [7, 8, 7]) {
      write({ [`file-${number}`]: `at ${Math.random()}` });
      assert.equal((await make(plain))[0], `file-${number}`);
    }
  });

  it('a store that lost what it knew of the mount', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const { make, write, home } = createWorld(t, { a: 'a1', b: 'b1' });
    await make(plain);
    for (const end of ['', '-wal', '-shm']) rmSync(join(home, `cache.db${end}`), { force: true });
    const [mount = ''] = readdirSync(join(home, 'mounts'));
    for (const name of ['a', 'b', '.all']) utimesSync(join(home, 'mounts', mount, 'out', name), 1.7e9, 1.7e9);
    write({ a: 'a2' });
    assert.deepEqual(await make(plain), ['a b', 'a2 b1']);
  });
});

test('what is known of a mount goes with it', async (t) => {
  if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
  const { make, home } = createWorld(t, { a: 'a1' });
  await make(plain);
  const count = (): unknown => {
    const db = new DatabaseSync(join(home, 'cache.db'));
    const { n } = db.prepare("SELECT count(*) AS n FROM facts WHERE kind IN ('seen', 'seen-by')").get() ?? {};
    db.close();
    return n;
  };
  assert.equal(count(), 2);
  await collectStore({ home, clock: Date.now });
  assert.equal(count(), 0);
  assert.deepEqual(await make(plain), ['a', 'a1']);
});

describe('times stay fixed where nothing depends on them', () => {
  const listing = 'find /src -exec stat -c "%n %Y" {} + > /times';
  const steps = (mount: string) => `${base}COPY src /src\nRUN ${mount}${listing}\n`;

  async function digest(
    { home, context }: World,
    text: string,
    noCache = false,
  ): Promise<string | undefined> {
    const options = testBuildOptions({
      home,
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text },
      outputs: [{ type: 'store' }],
      noCache,
    });
    try {
      return (await build(options)).images[0]?.digest;
    } finally {
      options.registry.close();
    }
  }

  it('without a cache mount, with one that cannot be written, and in a new store', async (t) => {
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
    const warm = createWorld(t, { a: 'a1', b: 'b1' });
    const shapes = ['', '--mount=type=cache,target=/cache,readonly '];
    await warm.make(plain);
    for (const text of ['a2', 'a3']) {
      warm.write({ a: text });
      await warm.make(plain);
      const fresh = { ...warm, home: join(temporaryFolder(t), 'home') };
      for (const shape of shapes)
        assert.equal(await digest(warm, steps(shape)), await digest(fresh, steps(shape)), `${text} ${shape}`);
    }
    const [one, other] = [1, 2].map(() => ({ ...warm, home: join(temporaryFolder(t), 'home') }));
    assert.ok(one && other);
    const text = `${steps('--mount=type=cache,target=/cache ')}COPY src/a /later/\nRUN --mount=type=cache,target=/cache ${listing} && stat -c %Y /later/a > /later-time\n`;
    const first = await digest(one, text);
    assert.equal(await digest(other, text), first, 'the first build of a store');
    assert.equal(await digest(one, text), first, 'cached');
    assert.equal(await digest(one, text, true), first, 'nothing changed');
  });
});
