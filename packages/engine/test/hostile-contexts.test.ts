import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type HostileBench, hostileFolders, openHostileBench, witness } from './hostile-bench.ts';
import { rawTar } from './raw-tar.ts';

/** Puts link and folder in each other's place, again and again. */
const swapping = `
const fs = require('node:fs');
const [folder, outside] = process.argv.slice(1);
const attempt = (what, ...names) => { try { fs[what](...names); } catch {} };
for (let round = 0; ; round++) {
  attempt('renameSync', folder + '/d', folder + '/.aside');
  attempt('symlinkSync', outside, folder + '/d');
  attempt('unlinkSync', folder + '/d');
  attempt('renameSync', folder + '/.aside', folder + '/d');
  if (round === 0) process.send('going');
}
`;
/** Writes a file longer, shorter, other. */
const writing = `
const fs = require('node:fs');
const [file] = process.argv.slice(1);
for (let round = 0; ; round++) {
  fs.writeFileSync(file, String(round % 10).repeat(100000 + (round % 3) * 1000));
  if (round === 0) process.send('going');
}
`;

describe('contexts that change', { timeout: 120_000 }, () => {
  let bench: HostileBench;
  let out = 0;
  before(async () => {
    bench = await openHostileBench(hostileFolders());
  });
  after(() => bench.close());

  async function during<T>(program: string, args: readonly string[], work: () => Promise<T>): Promise<T> {
    const child: ChildProcess = spawn(process.execPath, ['-e', program, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    try {
      return await work();
    } finally {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }

  const build = async (path: string, text: string) => {
    const dest = join(bench.scratch, `result-${out++}`);
    const outcome = await bench.outcomeOf(text, { context: { type: 'folder', path }, out: dest });
    return { outcome, dest };
  };

  it('a link that swaps places with a folder: nothing outside is read', async () => {
    const path = bench.contextOf({});
    mkdirSync(join(path, 'd'));
    for (const name of ['witness', 'a', 'b', 'c']) writeFileSync(join(path, 'd', name), 'inside');
    const outcomes = new Set<string>();
    await during(swapping, [path, bench.outside], async () => {
      for (let round = 0; round < 60; round++) {
        const { outcome, dest } = await build(path, `FROM scratch\nCOPY . /\nCOPY d/witness* /x/\n`);
        outcomes.add(outcome);
        for (const file of ['d/witness', '.aside/witness', 'x/witness']) {
          const at = join(dest, file);
          // a link in the context is a link in the image, and it is not ours to follow
          if (!file.startsWith('x') && isLink(join(dest, file.slice(0, file.indexOf('/'))))) continue;
          if (existsSync(at)) assert.equal(readFileSync(at, 'utf8'), 'inside');
        }
        rmSync(dest, { recursive: true, force: true });
      }
    });
    for (const outcome of outcomes)
      assert.match(outcome, /^(?:works|CONTEXT_CHANGED|CONTEXT_READ|SOURCE_NOT_FOUND)$/);
  });

  it('a folder below which links swap: nothing is written outside', async () => {
    const path = bench.contextOf({});
    mkdirSync(join(path, 'd'));
    for (let at = 0; at < 50; at++) writeFileSync(join(path, 'd', `new${at}`), 'x');
    const dest = join(bench.scratch, 'swapped');
    mkdirSync(join(dest, 'd'), { recursive: true });
    await during(swapping, [dest, bench.outside], async () => {
      for (let round = 0; round < 15; round++)
        await bench.outcomeOf('FROM scratch\nCOPY d /d\n', { context: { type: 'folder', path }, out: dest });
    });
    assert.equal(readFileSync(join(bench.outside, 'witness'), 'utf8'), witness);
  });

  it('a file that is written meanwhile: it is one state of it, or a clear fault', async () => {
    const path = bench.contextOf({ f: '0'.repeat(100_000) });
    const outcomes = new Set<string>();
    await during(writing, [join(path, 'f')], async () => {
      for (let round = 0; round < 25; round++) {
        outcomes.add((await build(path, 'FROM scratch\nCOPY f /\n')).outcome);
      }
    });
    for (const outcome of outcomes) assert.match(outcome, /^(?:works|CONTEXT_CHANGED)$/);
    assert.ok(outcomes.has('CONTEXT_CHANGED'), [...outcomes].join());
  });

  it('an archive that becomes another one: neither is taken for the other', async () => {
    const archive = (text: string) => gzipSync(rawTar([{ name: 'f', content: text.repeat(200_000) }]));
    const path = bench.contextOf({ 'a.tgz': archive('a') });
    const swap = `
      const fs = require('node:fs');
      const [folder, one, two] = process.argv.slice(1);
      for (let round = 0; ; round++) {
        fs.copyFileSync(round % 2 ? one : two, folder + '/.next');
        fs.renameSync(folder + '/.next', folder + '/a.tgz');
        if (round === 0) process.send('going');
      }`;
    const other = bench.contextOf({ one: archive('a'), two: archive('b') });
    const contents = new Set<string>();
    await during(swap, [path, join(other, 'one'), join(other, 'two')], async () => {
      for (let round = 0; round < 20; round++) {
        const { outcome, dest } = await build(path, 'FROM scratch\nADD a.tgz /\n');
        assert.match(outcome, /^(?:works|CONTEXT_CHANGED)$/);
        if (outcome === 'works') contents.add([...new Set(readFileSync(join(dest, 'f'), 'utf8'))].join(''));
      }
    });
    for (const content of contents) assert.match(content, /^[ab]$/);
  });

  it('files and folders that may not be read', async () => {
    const path = bench.contextOf({ f: 'x' });
    mkdirSync(join(path, 'closed'));
    writeFileSync(join(path, 'closed/f'), 'x');
    writeFileSync(join(path, 'g'), 'x');
    chmodSync(path, 0o755);
    chmodSync(join(path, 'g'), 0);
    chmodSync(join(path, 'closed'), 0);
    const isRoot = process.getuid?.() === 0;
    const { createFolderTree } = await import('../src/source/folder-tree.ts');
    const read = { name: 'OneBuildError', code: 'CONTEXT_READ' };
    try {
      if (isRoot) {
        chmodSync(bench.scratch, 0o755);
        process.seteuid?.(65534);
      }
      const tree = createFolderTree(path, {});
      assert.deepEqual(tree.list(''), ['closed', 'f', 'g']);
      await assert.rejects(tree.digests(['g']), read);
      assert.throws(() => tree.list('closed'), read);
      assert.throws(() => tree.get('closed/f'), read);
      await tree.digests(['f']);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(join(path, 'closed'), 0o755);
    }
  });

  it('a folder that is replaced by a link between two builds', async () => {
    const path = bench.contextOf({});
    mkdirSync(join(path, 'd'));
    writeFileSync(join(path, 'd/witness'), 'inside');
    assert.equal((await build(path, 'FROM scratch\nCOPY d/witness /\n')).outcome, 'works');
    renameSync(join(path, 'd'), join(path, 'moved'));
    symlinkSync(bench.outside, join(path, 'd'));
    assert.equal((await build(path, 'FROM scratch\nCOPY d/witness /\n')).outcome, 'SOURCE_NOT_FOUND');
  });
});

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
