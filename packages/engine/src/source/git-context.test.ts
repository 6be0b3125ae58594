import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { requireProgram, temporaryFolder } from '@onebuild/testkit';
import { commitTime } from './commit-time.ts';
import { fetchGit } from './git-context.ts';

const { signal } = new AbortController();
const when = 1_600_000_000;

function git(cwd: string, ...args: readonly string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_DATE: `@${when} +0000`,
    GIT_COMMITTER_DATE: `@${when} +0000`,
  };
  const settings = [
    'user.name=t',
    'user.email=t@example.com',
    'init.defaultBranch=main',
    'protocol.file.allow=always',
  ];
  const all = [...settings.flatMap((setting) => ['-c', setting]), ...args];
  return execFileSync('git', all, { cwd, env, stdio: 'pipe' }).toString().trim();
}

/** Two commits: the tag `v1`, then `main`; a branch `other`; links that try to leave. */
function repository(t: TestContext): string {
  const root = temporaryFolder(t);
  git(root, 'init', '--quiet');
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'sub/file'), 'one');
  writeFileSync(join(root, 'program'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('/etc', join(root, 'outside'));
  symlinkSync('sub', join(root, 'inside'));
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '--message=1');
  git(root, 'tag', '--annotate', '--message=v1', 'v1');
  git(root, 'branch', 'other');
  writeFileSync(join(root, 'sub/file'), 'two');
  git(root, 'commit', '--quiet', '--all', '--message=2');
  return root;
}

const text = (path: string) => readFileSync(path, 'utf8');

test('branches, tags, commits and folders are found', async (t) => {
  if (!requireProgram(t, 'git', 'apt-get install git')) return;
  const root = repository(t);
  const options = { dir: temporaryFolder(t), allowLocal: true, signal };
  const fetch = (tail: string) => fetchGit(`file://${root}${tail}`, options);
  const head = git(root, 'rev-parse', 'main');
  const first = git(root, 'rev-parse', 'v1^{commit}');
  for (const [tail, commit] of [
    ['', head],
    ['#main', head],
    ['#v1', first],
    ['?tag=v1', first],
    ['#other', first],
    ['#refs/heads/other', first],
    [`#${first}`, first],
    [`#${first.slice(0, 10)}`, first],
    [`?ref=main&checksum=${head.slice(0, 12)}`, head],
  ] as const) {
    const found = await fetch(tail);
    assert.equal(found.commit, commit, tail);
    assert.equal(found.commitTime, when, tail);
    assert.equal(text(join(found.path, 'sub/file')), commit === head ? 'two' : 'one', tail);
    assert.deepEqual(readdirSync(found.path).sort(), ['inside', 'outside', 'program', 'sub'], tail);
  }
  assert.deepEqual(readdirSync((await fetch('#v1:sub')).path), ['file']);
  assert.equal(text(join((await fetch('#:inside')).path, 'file')), 'two');
});

test('the same commit is fetched once; .git is kept when it is asked for', async (t) => {
  if (!requireProgram(t, 'git', 'apt-get install git')) return;
  const root = repository(t);
  const options = { dir: temporaryFolder(t), allowLocal: true, signal };
  const one = await fetchGit(`file://${root}`, options);
  assert.equal((await fetchGit(`file://${root}#main`, options)).path, one.path);
  const kept = await fetchGit(`file://${root}`, { ...options, keepGitDir: true });
  assert.notEqual(kept.path, one.path);
  assert.equal(git(kept.path, 'rev-parse', 'HEAD'), one.commit);
  assert.ok(readdirSync(options.dir).every((name) => !name.startsWith('fetch-')));
});

test('what must not be is refused', async (t) => {
  if (!requireProgram(t, 'git', 'apt-get install git')) return;
  const root = repository(t);
  const options = { dir: temporaryFolder(t), allowLocal: true, signal };
  const fetch = (tail: string, more = {}) => fetchGit(`file://${root}${tail}`, { ...options, ...more });
  await assert.rejects(fetch('', { allowLocal: false }), (e) => isFault(e, 'CONTEXT_NOT_FOUND'));
  await assert.rejects(fetch('#nothing'), (e) => isFault(e, 'GIT_FAILED') && /nothing/.test(e.message));
  await assert.rejects(fetch('#abcdef0'), (e) => isFault(e, 'GIT_FAILED'));
  await assert.rejects(fetch('#main', { checksum: 'abcdef0' }), (e) => isFault(e, 'CHECKSUM_MISMATCH'));
  for (const tail of ['#:outside', '#:missing', '#:program', '#:.git']) {
    await assert.rejects(fetch(tail), (e) => isFault(e, 'CONTEXT_NOT_FOUND'), tail);
  }
  const missing = fetchGit(`file://${root}/missing`, options);
  await assert.rejects(missing, (e) => isFault(e, 'GIT_FAILED'));
});

test('submodules come along, without hooks or filters being run', async (t) => {
  if (!requireProgram(t, 'git', 'apt-get install git')) return;
  const inner = repository(t);
  const root = repository(t);
  const proof = join(temporaryFolder(t), 'ran');
  git(root, 'submodule', '--quiet', 'add', `file://${inner}`, 'module');
  writeFileSync(join(root, '.gitattributes'), '* filter=evil\n');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '--message=3');
  const hook = join(root, '.git/hooks/post-checkout');
  mkdirSync(join(root, '.git/hooks'), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\ntouch ${proof}\n`);
  chmodSync(hook, 0o755);
  const options = { dir: temporaryFolder(t), allowLocal: true, signal };
  const found = await fetchGit(`file://${root}`, options);
  assert.equal(text(join(found.path, 'module/sub/file')), 'two');
  assert.ok(!existsSync(join(found.path, 'module/.git')));
  assert.ok(!existsSync(proof));
  const without = await fetchGit(`file://${root}?submodules=false`, options);
  assert.deepEqual(readdirSync(join(without.path, 'module')), []);
});

test('the time of the commit is that of the work tree a folder is in', async (t) => {
  if (!requireProgram(t, 'git', 'apt-get install git')) return;
  const root = repository(t);
  assert.equal(await commitTime(root), when);
  assert.equal(await commitTime(join(root, 'sub')), when);
  assert.equal(await commitTime(temporaryFolder(t)), undefined);
  const empty = temporaryFolder(t);
  git(empty, 'init', '--quiet');
  assert.equal(await commitTime(empty), undefined);
  const proof = join(temporaryFolder(t), 'ran');
  git(root, 'config', 'core.fsmonitor', `touch ${proof}`);
  git(root, 'config', 'log.showSignature', 'true');
  assert.equal(await commitTime(root), when);
  assert.ok(!existsSync(proof));
});
