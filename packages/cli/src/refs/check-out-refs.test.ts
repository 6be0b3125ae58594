import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ErrorCode, fault, isFault } from '@onebuild/core';
import { findProgram, temporaryFolder } from '@onebuild/testkit';
import { checkOutRefs } from './check-out-refs.ts';
import { type GitRepository, makeGitRepository, readAll } from './git-repository.fixture.ts';

const hasGit = findProgram('git') !== undefined;

describe('refs checked out beside each other', { skip: !hasGit && 'apt-get install git' }, () => {
  const scratch = temporaryFolder();
  const home = join(scratch, 'home');
  const signal = new AbortController().signal;
  let repository: GitRepository;
  let shas: Readonly<Record<'first' | 'second' | 'third', string>>;

  before(async () => {
    repository = await makeGitRepository(join(scratch, 'shop'));
    const first = await repository.commit(
      { 'web/Dockerfile': 'FROM scratch\n', shared: 'one\n' },
      1_000_000_000,
    );
    await repository.git('tag', '-a', '-m', 'release', 'v1.0');
    const second = await repository.commit({ shared: 'two\n' }, 1_000_000_100);
    await repository.git('branch', 'release/1.x');
    const third = await repository.commit({ 'web/new': 'new\n', 'web/run.sh': '#!/bin/sh\n' }, 1_000_000_200);
    shas = { first, second, third };
  });

  const names = async (
    refs: readonly string[],
    more: { folder?: string; env?: Record<string, string> } = {},
  ) => {
    const warnings: string[] = [];
    const { checkouts, remove } = await checkOutRefs(
      { env: { ...repository.env, ...more.env }, signal },
      refs,
      {
        folder: more.folder ?? repository.folder,
        home,
        warn: (message) => warnings.push(message),
      },
    );
    return { checkouts, remove, warnings };
  };

  const fails = async (code: ErrorCode, pattern: RegExp, refs: readonly string[], folder?: string) => {
    await assert.rejects(names(refs, folder === undefined ? {} : { folder }), (error) => {
      assert.ok(isFault(error, code), String(error));
      assert.match(`${error.message}\n${error.hint}`, pattern);
      return true;
    });
    assert.deepEqual(readdirSync(join(home, 'tmp')), [], 'nothing is left');
  };

  it('gives the files of the commit and no others, and tells what it is', async () => {
    repository.write({ shared: 'changed\n', untracked: 'mine\n' });
    const { checkouts, remove, warnings } = await names(['v1.0', 'release/1.x', 'main']);
    assert.deepEqual(
      checkouts.map(({ ref, sha, commitTime, facts: { branch, tag, isDirty, time } }) => [
        ref,
        sha,
        commitTime,
        branch,
        tag,
        isDirty,
        time,
      ]),
      [
        ['v1.0', shas.first, 1_000_000_000, undefined, 'v1.0', false, '2001-09-09T01:46:40Z'],
        ['release/1.x', shas.second, 1_000_000_100, 'release/1.x', undefined, false, '2001-09-09T01:48:20Z'],
        ['main', shas.third, 1_000_000_200, 'main', undefined, false, '2001-09-09T01:50:00Z'],
      ],
    );
    assert.deepEqual(
      checkouts.map(({ folder }) => readAll(folder)),
      [
        { shared: 'one\n', 'web/Dockerfile': 'FROM scratch\n' },
        { shared: 'two\n', 'web/Dockerfile': 'FROM scratch\n' },
        {
          shared: 'two\n',
          'web/Dockerfile': 'FROM scratch\n',
          'web/new': 'new\n',
          'web/run.sh': '#!/bin/sh\n',
        },
      ],
    );
    assert.ok(
      checkouts.every(({ folder }) => basename(folder) === 'shop' && !existsSync(join(folder, '.git'))),
    );
    assert.deepEqual(warnings, []);
    await remove();
    assert.deepEqual(readdirSync(join(home, 'tmp')), []);
    await repository.git('checkout', '-q', '--', 'shared');
  });

  it('leaves the repository as it is, whatever its settings', async () => {
    for (const [name, value] of [
      ['core.splitIndex', 'true'],
      ['core.untrackedCache', 'true'],
      ['submodule.recurse', 'true'],
      ['core.sparseCheckout', 'true'],
      ['core.logAllRefUpdates', 'always'],
    ] as const)
      await repository.git('config', name, value);
    repository.write({ '.git/info/sparse-checkout': '/shared\n' });
    for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction']) {
      const path = `.git/hooks/${hook}`;
      repository.write({ [path]: `#!/bin/sh\ntouch ${join(scratch, 'hooked')}\n` });
      chmodSync(join(repository.folder, path), 0o755);
    }
    const state = readAll(join(repository.folder, '.git'));
    const { checkouts, remove } = await names(['main', 'v1.0'], {
      env: { GIT_INDEX_FILE: join(repository.folder, '.git/index'), GIT_DIR: '/nowhere' },
    });
    assert.deepEqual(readAll(join(repository.folder, '.git')), state);
    assert.equal(existsSync(join(scratch, 'hooked')), false);
    assert.ok(
      checkouts.every(({ folder }) => existsSync(join(folder, 'web/Dockerfile'))),
      'sparse or not',
    );
    await remove();
    await repository.git('config', 'core.sparseCheckout', 'false');
    await repository.git('config', 'core.splitIndex', 'false');
    for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction'])
      chmodSync(join(repository.folder, '.git/hooks', hook), 0o644);
  });

  it('finds the folder of the project, and says where a commit does not have it', async () => {
    const folder = join(repository.folder, 'web');
    const { checkouts, remove } = await names(['v1.0'], { folder });
    assert.ok(checkouts[0]?.folder.endsWith('/shop/web'));
    assert.deepEqual(readAll(checkouts[0]?.folder ?? ''), { Dockerfile: 'FROM scratch\n' });
    await remove();
    mkdirSync(join(repository.folder, 'later'));
    await fails(
      'CONTEXT_NOT_FOUND',
      /--ref v1\.0: commit \w{12} has no folder later/,
      ['main', 'v1.0'].slice(1),
      join(repository.folder, 'later'),
    );
  });

  it('a link in place of the folder leads nowhere', async () => {
    const linked = await makeGitRepository(join(scratch, 'linked'));
    symlinkSync('/etc', join(linked.folder, 'web'));
    await linked.commit({}, 1);
    await linked.git('tag', 'link');
    await linked.git('rm', '-q', 'web');
    await linked.commit({ 'web/Dockerfile': 'FROM scratch\n' }, 2);
    await fails('CONTEXT_NOT_FOUND', /has no folder web/, ['link'], join(linked.folder, 'web'));
  });

  it('takes what git takes for a commit, and one that is named twice once', async () => {
    const short = shas.first.slice(0, 10);
    const refs = [
      'HEAD',
      'main',
      'HEAD~1',
      shas.second,
      short,
      'v1.0',
      'v1.0^{}',
      'refs/tags/v1.0',
      'tags/v1.0',
      'main@{0}',
    ];
    const { checkouts, remove } = await names(refs);
    assert.deepEqual(
      checkouts.map(({ ref, sha }) => [ref, sha]),
      [
        ['HEAD', shas.third],
        ['HEAD~1', shas.second],
        [short, shas.first],
        ['main@{0}', shas.third],
      ],
    );
    assert.equal(checkouts[0]?.facts.branch, 'main');
    assert.equal(checkouts[2]?.facts.tag, 'v1.0');
    assert.equal(checkouts[0]?.folder, checkouts[3]?.folder, 'one commit is checked out once');
    await remove();
  });

  it('finds branches that only a remote has, and tells which where there are several', async () => {
    const clone = join(scratch, 'clone');
    await repository.git(
      'clone',
      '-q',
      '--no-local',
      '--depth=1',
      '--no-single-branch',
      `file://${repository.folder}`,
      clone,
    );
    const { checkouts, remove } = await names(['release/1.x', 'origin/release/1.x'], { folder: clone });
    assert.deepEqual(
      checkouts.map(({ ref, sha, facts }) => [ref, sha, facts.branch]),
      [['release/1.x', shas.second, 'release/1.x']],
    );
    await remove();
    await fails('REF_NOT_FOUND', /git fetch --unshallow --tags/, ['HEAD~7'], clone);
    await repository.git('-C', clone, 'remote', 'add', 'fork', repository.folder);
    await repository.git('-C', clone, 'fetch', '-q', 'fork');
    await fails(
      'REF_NOT_FOUND',
      /several remotes .*\n.*--ref origin\/release\/1\.x, --ref fork\/release\/1\.x|--ref fork/,
      ['release/1.x'],
      clone,
    );
  });

  it('a branch is meant as the branch, even where its commit has a tag', async () => {
    await repository.git('tag', 'v2.0', 'main');
    const { checkouts, remove } = await names(['main', 'v2.0', 'HEAD']);
    assert.deepEqual(
      checkouts.map(({ facts: { branch, tag } }) => [branch, tag]),
      [
        ['main', undefined],
        [undefined, 'v2.0'],
        ['main', 'v2.0'],
      ],
    );
    await remove();
    await repository.git('tag', '-d', 'v2.0');
  });

  it('a branch goes before a tag of its name, with a warning', async () => {
    await repository.git('tag', 'release/1.x', shas.first);
    const { checkouts, remove, warnings } = await names(['release/1.x']);
    assert.equal(checkouts[0]?.sha, shas.second);
    assert.match(warnings.join(), /the tag is refs\/tags\/release\/1\.x/);
    await remove();
    await repository.git('tag', '-d', 'release/1.x');
  });

  it('works in a worktree of a repository without one of its own', async () => {
    const bare = join(scratch, 'bare.git');
    await repository.git('clone', '-q', '--bare', repository.folder, bare);
    await repository.git('-C', bare, 'worktree', 'add', '-q', join(scratch, 'tree'), 'release/1.x');
    const { checkouts, remove } = await names(['HEAD', 'v1.0'], { folder: join(scratch, 'tree') });
    assert.deepEqual(
      checkouts.map(({ sha, facts }) => [sha, facts.branch]),
      [
        [shas.second, 'release/1.x'],
        [shas.first, undefined],
      ],
    );
    assert.deepEqual(readAll(checkouts[1]?.folder ?? ''), {
      shared: 'one\n',
      'web/Dockerfile': 'FROM scratch\n',
    });
    await remove();
    await fails('REF_NOT_FOUND', /not in a git repository with checked-out files/, ['main'], bare);
  });

  it('honours line endings and filters; one that is required and fails is an error', async () => {
    const filtered = await makeGitRepository(join(scratch, 'filtered'));
    await filtered.commit(
      { '.gitattributes': '*.txt eol=crlf\n*.up filter=up\n', 'a.txt': 'a\nb\n', 'b.up': 'loud\n' },
      1,
    );
    await filtered.git('config', 'filter.up.smudge', 'tr a-z A-Z');
    const { checkouts, remove } = await names(['main'], { folder: filtered.folder });
    const files = readAll(checkouts[0]?.folder ?? '');
    assert.deepEqual([files['a.txt'], files['b.up']], ['a\r\nb\r\n', 'LOUD\n']);
    await remove();
    await filtered.git('config', 'filter.up.smudge', 'false');
    await filtered.git('config', 'filter.up.required', 'true');
    await fails(
      'GIT_FAILED',
      /cannot write the files of \w{12}: b\.up: smudge filter up failed/,
      ['main'],
      filtered.folder,
    );
  });

  it('says which submodules are empty, and that Git LFS is not set up', async () => {
    const outer = await makeGitRepository(join(scratch, 'outer'));
    await outer.git(
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      repository.folder,
      'libs/shop',
    );
    await outer.commit({ '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' }, 1);
    const { checkouts, remove, warnings } = await names(['main'], { folder: outer.folder });
    assert.deepEqual(readdirSync(join(checkouts[0]?.folder ?? '', 'libs/shop')), []);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /^--ref main: submodules are not filled, .*: libs\/shop$/);
    assert.match(warnings[1] ?? '', /git lfs install/);
    await remove();
    await outer.git('config', 'filter.lfs.smudge', 'cat');
    const set = await names(['main'], { folder: outer.folder });
    assert.equal(set.warnings.length, 1, 'Git LFS is set up now');
    await set.remove();
  });

  it('refuses what is no name of a commit', async () => {
    for (const name of [
      '',
      '--upload-pack=touch /tmp/x',
      '-h',
      'a b',
      'v1..main',
      'main:web',
      ':/change',
      '^main',
      'v*',
      'a\nb',
      'x'.repeat(300),
    ])
      await fails('USAGE', /^--ref "/, [name]);
    await fails(
      'USAGE',
      /100 refs/,
      Array.from({ length: 101 }, (_, at) => `v${at}`),
    );
  });

  it('suggests the ref that may be meant', async () => {
    await fails('REF_NOT_FOUND', /--ref relase\/1\.x: .*\nDid you mean release\/1\.x\?/, [
      'main',
      'relase/1.x',
    ]);
    await fails('REF_NOT_FOUND', /git branch --all/, ['nothing-like-it']);
    await repository.git('tag', 'of-a-file', 'HEAD:shared');
    await fails('REF_NOT_FOUND', /no such branch, tag or commit/, ['of-a-file']);
    await fails('REF_NOT_FOUND', /is not in a git repository/, ['main'], scratch);
    const empty = await makeGitRepository(join(scratch, 'empty'));
    await fails('REF_NOT_FOUND', /no such branch, tag or commit/, ['HEAD'], empty.folder);
  });

  it('says that git is missing, or has not the trust of its owner', async () => {
    await assert.rejects(names(['main'], { env: { PATH: '/nowhere' } }), (error) =>
      isFault(error, 'TOOL_MISSING'),
    );
    const foreign = {
      folder: join(repository.folder, 'web'),
      env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' },
    };
    await assert.rejects(names(['main'], foreign), (error) => {
      assert.ok(isFault(error, 'FILE_ACCESS'), String(error));
      assert.ok(error.hint.endsWith(`--add safe.directory ${repository.folder}`), error.hint);
      return true;
    });
  });

  it('stops when it is asked to, and leaves nothing', async () => {
    const stop = new AbortController();
    const slow = await makeGitRepository(join(scratch, 'slow'));
    await slow.commit({ '.gitattributes': '*.up filter=up\n', 'b.up': 'text\n' }, 1);
    const mark = join(scratch, 'started');
    await slow.git('config', 'filter.up.smudge', `touch ${mark}; exec sleep 60`);
    const work = checkOutRefs({ env: slow.env, signal: stop.signal }, ['main'], {
      folder: slow.folder,
      home,
      warn: () => {},
    });
    const watch = setInterval(() => {
      if (existsSync(mark)) stop.abort(fault('CANCELED', 'asked to stop'));
    }, 10);
    await assert.rejects(work, (error) => isFault(error, 'CANCELED'));
    clearInterval(watch);
    assert.deepEqual(readdirSync(join(home, 'tmp')), []);
  });

  it('files have the modes of the commit, whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      const { checkouts, remove } = await names(['main']);
      assert.equal(statSync(join(checkouts[0]?.folder ?? '', 'shared')).mode & 0o777, 0o644);
      await remove();
    } finally {
      process.umask(umask);
    }
  });

  after(() => assert.deepEqual(readdirSync(join(home, 'tmp')), []));
});
