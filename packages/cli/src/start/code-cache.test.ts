import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CleansUp, temporaryFolder } from '@onebuild/testkit';

const source = `const words = 'a b c'.split(' ');
exports.join = (...more) => [...words, ...more].join('-');
exports.here = [__filename, typeof require, module.exports === exports];`;

const loader = new URL('code-cache.ts', import.meta.url).href;

/** Each load is a process of its own: V8 remembers what it compiled in one. */
function setUp(t: CleansUp) {
  const folder = temporaryFolder(t);
  const file = join(folder, 'program.cjs');
  writeFileSync(file, source);
  const cache = join(folder, 'cache');
  const load = ({ id = 'one', keeps = true } = {}) => {
    const options = JSON.stringify({ id, command: 'build', folder: cache });
    const script = `import { loadWithCodeCache } from ${JSON.stringify(loader)};
      const { exports, keep } = loadWithCodeCache(${JSON.stringify(file)}, ${options});
      process.stdout.write(JSON.stringify([exports.join('d'), exports.here]));
      if (${keeps}) keep();`;
    const { stdout, stderr, signal } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    assert.deepEqual([stderr, signal], ['', null]);
    assert.deepEqual(JSON.parse(stdout), ['a-b-c-d', [file, 'function', true]]);
  };
  return { cache, path: join(cache, 'build-one'), load };
}

test('compiled code is kept once, for the user alone, when the caller says so', (t) => {
  const { cache, path, load } = setUp(t);
  load({ keeps: false });
  assert.ok(!existsSync(cache));
  load();
  assert.deepEqual(readdirSync(cache), ['build-one']);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  const { mtimeNs } = statSync(path, { bigint: true });
  load();
  assert.equal(statSync(path, { bigint: true }).mtimeNs, mtimeNs);
});

test('code of another version goes when the new one is kept; that of other commands stays', (t) => {
  const { cache, load } = setUp(t);
  load();
  writeFileSync(join(cache, 'login-one'), '');
  load({ id: 'two' });
  assert.deepEqual(readdirSync(cache).toSorted(), ['build-two', 'login-one']);
});

test('a damaged file, and one that others may write, are not run but replaced', (t) => {
  const { path, load } = setUp(t);
  load();
  const good = readFileSync(path);
  const hole = Buffer.from(good).fill(0, good.length / 2, good.length / 2 + 100);
  for (const damaged of [Buffer.alloc(0), Buffer.from('rubbish'), good.subarray(0, good.length / 2), hole]) {
    writeFileSync(path, damaged);
    load();
    assert.equal(statSync(path).size, good.length);
  }
  chmodSync(path, 0o666);
  load();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a folder that cannot be written is no fault', (t) => {
  const { cache, load } = setUp(t);
  writeFileSync(cache, 'a file');
  load();
  assert.equal(readFileSync(cache, 'utf8'), 'a file');
});
