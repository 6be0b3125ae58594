import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, sides, words } from './changes.fixture.ts';

const copied = 'FROM BASE\nCOPY . /c/\nRUN ls -lR /c | sha256sum > /x # N\n';

const at = (folder: string, seconds: number) => {
  for (const path of ['', 'd', 'd/a'])
    utimesSync(path === '' ? folder : join(folder, path), seconds, seconds);
};
const files = { 'd/a': 'a' };

export const fileChanges: readonly Change[] = [
  words('content of a file', copied, ['one', 'two'], { files: { a: 'WORD' } }),
  words('the second source (moby/buildkit#853)', 'FROM BASE\nCOPY a b /\nRUN cat /b > /x # N\n', ['1', '2'], {
    files: { a: 'a', b: 'WORD' },
  }),
  words(
    'a file whose name goes on after another one (moby/buildkit#894)',
    'FROM BASE\nCOPY Gemfile Gemfile.lock /\nRUN cat /Gemfile* > /x # N\n',
    ['1', '2'],
    { files: { Gemfile: 'a', 'Gemfile.lock': 'WORD' } },
  ),
  {
    name: 'name of a file',
    ...sides(copied, { files: { one: 'a' } }, { files: { two: 'a' } }),
  },
  {
    name: 'mode of a file',
    ...sides(copied, { files }, { files, make: (folder) => chmodSync(join(folder, 'd/a'), 0o755) }),
  },
  {
    name: 'mode of a folder (moby/buildkit#7176)',
    ...sides(copied, { files }, { files, make: (folder) => chmodSync(join(folder, 'd'), 0o700) }),
  },
  {
    name: 'an empty folder',
    ...sides(copied, { files }, { files, make: (folder) => mkdirSync(join(folder, 'empty')) }),
  },
  {
    name: 'target of a symlink (containers/buildah#1875)',
    ...sides(
      copied,
      { files, make: (folder) => symlinkSync('/1', join(folder, 'd/l')) },
      { files, make: (folder) => symlinkSync('/2', join(folder, 'd/l')) },
    ),
  },
  words(
    'file behind a symlink (containers/buildah#1063)',
    'FROM BASE\nCOPY link /link\nRUN cat /link > /x # N\n',
    ['1', '2'],
    { files: { real: 'WORD' }, make: (folder) => symlinkSync('real', join(folder, 'link')) },
  ),
  {
    name: 'symlinks of a stage (moby/moby#34260)',
    before: {
      text: 'FROM BASE AS made\nRUN mkdir /l && ln -s a /l/b && ln -s a /l/c\nFROM BASE\nCOPY --from=made /l /l\nRUN ls /l > /x # N\n',
    },
    after: {
      text: 'FROM BASE AS made\nRUN mkdir /l && ln -s a /l/b\nFROM BASE\nCOPY --from=made /l /l\nRUN ls /l > /x # N\n',
    },
  },
  words(
    'files behind a symlink and a pattern (moby/buildkit#2300)',
    'FROM BASE AS made\nRUN mkdir -p /mnt/data && ln -s /mnt/data /data\nRUN mkdir /data/d1 && echo WORD > /data/d1/foo\nFROM BASE\nCOPY --from=made /mnt/data/d* /out/\nRUN cat /out/foo > /x # N\n',
    ['1', '2'],
  ),
  words(
    'what is owned below a stage (GoogleContainerTools/kaniko#845)',
    'FROM BASE AS made\nWORKDIR /source\nCOPY . .\nFROM BASE\nWORKDIR /target\nCOPY --from=made /source .\nRUN chown -R 1000:1000 . # N\n',
    ['1', '2'],
    { files: { myfile: 'WORD' } },
  ),
  words(
    'what a stage made (GoogleContainerTools/kaniko#870)',
    'FROM BASE AS made\nCOPY a /\nRUN cat /a > /b\nFROM BASE\nCOPY --from=made /b /b\nRUN cat /b > /x # N\n',
    ['1', '2'],
    { files: { a: 'WORD' } },
  ),
  words('owner of a copy', 'FROM BASE\nCOPY --chown=WORD a /\nRUN stat -c %u /a > /x # N\n', ['1', '2'], {
    files: { a: 'a' },
  }),
  words('mode of a copy', 'FROM BASE\nCOPY --chmod=WORD a /\nRUN stat -c %a /a > /x # N\n', ['600', '640'], {
    files: { a: 'a' },
  }),
  words(
    'what is left out of a copy',
    'FROM BASE\nCOPY --exclude=WORD . /c/\nRUN ls /c > /x # N\n',
    ['a', 'b'],
    {
      files: { a: 'a', b: 'b' },
    },
  ),
  words(
    'an allowed file (osscontainertools/kaniko#762)',
    'FROM BASE\nCOPY . /c/\nRUN cat /c/test.txt > /x # N\n',
    ['1', '2'],
    { files: { 'test.txt': 'WORD', '.dockerignore': '*\n!test.txt\n' } },
  ),
  words('what is ignored', 'FROM BASE\nCOPY . /c/\nRUN ls /c > /x # N\n', ['a', 'b'], {
    files: { a: 'a', b: 'b', '.dockerignore': 'WORD\n.dockerignore\n' },
  }),
  words('query of a URL (docker/buildx#2803)', 'FROM BASE\nADD URL/f?v=WORD /f\nRUN cat /f > /x # N\n', [
    '1',
    '2',
  ]),
  {
    name: 'what a URL gives (osscontainertools/kaniko#1064)',
    ...sides('FROM BASE\nADD URL/payload /f\nRUN cat /f > /x # N\n', {}, {}),
  },
  {
    ...words('an ignored file', 'FROM BASE\nCOPY . /c/\nRUN ls -l /c > /x # N\n', ['a', 'b'], {
      files: { a: 'a', log: 'WORD', '.dockerignore': 'log\n' },
    }),
    taken: true,
  },
  {
    name: 'times of files alone',
    ...sides(
      'FROM BASE\nCOPY . /c/\nRUN cat /c/d/a > /x # N\n',
      { files, make: (folder) => at(folder, 1_500_000_000) },
      { files, make: (folder) => at(folder, 1_600_000_000) },
    ),
    taken: true,
  },
];
