import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { isGitContext, isGitUrl, parseGitUrl } from './git-url.ts';

test('repositories are told from files and folders', () => {
  const git = [
    'https://example.com/a/b.git',
    'https://example.com/a/b.git#main',
    'https://example.com/a/b.git?branch=main',
    'http://example.com/b.git#:sub',
    'git://example.com/b',
    'ssh://git@example.com/b',
    'git@example.com:a/b',
    'git@example.com:a/b.git#v1:sub',
  ];
  const other = [
    'https://example.com/a.tar',
    'https://example.com/a.github',
    './b.git',
    'b.git',
    'git://',
    'a@b',
    'x:y',
    '',
  ];
  for (const text of git) assert.ok(isGitUrl(text) && isGitContext(text), text);
  for (const text of other) assert.ok(!isGitContext(text), text);
  assert.ok(isGitContext('github.com/moby/buildkit'));
  assert.ok(!isGitUrl('github.com/moby/buildkit'));
});

const forms: readonly (readonly [string, object])[] = [
  ['https://h/r.git', { remote: 'https://h/r.git', scheme: 'https' }],
  ['https://h/r.git#v1', { remote: 'https://h/r.git', scheme: 'https', ref: 'v1' }],
  ['https://h/r.git#:a/b/', { remote: 'https://h/r.git', scheme: 'https', subdir: 'a/b' }],
  ['https://h/r.git#v1:/a', { remote: 'https://h/r.git', scheme: 'https', ref: 'v1', subdir: 'a' }],
  ['https://h/r.git#feature/x', { remote: 'https://h/r.git', scheme: 'https', ref: 'feature/x' }],
  ['git@h:r.git#v1:a', { remote: 'git@h:r.git', scheme: 'ssh', ref: 'v1', subdir: 'a' }],
  ['ssh://git@h:22/r', { remote: 'ssh://git@h:22/r', scheme: 'ssh' }],
  ['git://h/r', { remote: 'git://h/r', scheme: 'git' }],
  ['github.com/a/b#x', { remote: 'https://github.com/a/b', scheme: 'https', ref: 'x' }],
  ['https://h/r.git?branch=main', { remote: 'https://h/r.git', scheme: 'https', ref: 'refs/heads/main' }],
  [
    'https://h/r.git?tag=v1&subdir=a',
    { remote: 'https://h/r.git', scheme: 'https', ref: 'refs/tags/v1', subdir: 'a' },
  ],
  [
    'https://h/r.git?ref=x&checksum=0123456789&submodules=false&keep-git-dir=1',
    {
      remote: 'https://h/r.git',
      scheme: 'https',
      ref: 'x',
      checksum: '0123456789',
      submodules: false,
      keepGitDir: true,
    },
  ],
];

test('every form is read', () => {
  for (const [text, expected] of forms) assert.deepEqual(parseGitUrl(text), expected, text);
});

test('what could be an option, or leads elsewhere, is refused', () => {
  const bad = [
    'https://h/r.git#--upload-pack=x',
    'https://h/r.git#:../x',
    'https://h/r.git#a..b',
    'https://h/r.git#a b',
    'https://h/r.git?evil=1',
    'https://h/r.git?branch=a&tag=b',
    'https://h/r.git?ref=a#b',
    'https://h/r.git?checksum=xyz',
    'ssh://-oProxyCommand=x/r',
    'ext::sh -c x',
    'https:///r.git',
    '-x',
  ];
  for (const text of bad)
    assert.throws(
      () => parseGitUrl(text),
      (e) => isFault(e, 'CONTEXT_NOT_FOUND'),
      text,
    );
});
