import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type BuildOptions, build } from '@onebuild/engine';
import { temporaryFolder } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

const dockerfile = `FROM scratch AS all
COPY . /all/
FROM scratch
WORKDIR /work
COPY --chown=5:6 dir /dir/
COPY *.txt /texts/
COPY single renamed
COPY --from=all /all/link /all/dir/deep /from-all/
ADD files.tar /unpacked/
COPY --link dir/deep /linked/
`;

type Change = readonly [what: string, change: (at: (name: string) => string) => void];

/** Each of them changes what one of the lines sees. */
const changes: readonly Change[] = [
  ['content of the same size', (at) => writeFileSync(at('dir/deep/file'), 'other\n')],
  ['a mode', (at) => chmodSync(at('dir/deep/file'), 0o600)],
  ['a mode of a folder', (at) => chmodSync(at('dir/deep'), 0o700)],
  ['a new file', (at) => writeFileSync(at('dir/new'), '')],
  ['an empty folder', (at) => mkdirSync(at('dir/empty'))],
  ['a name', (at) => renameSync(at('dir/new'), at('dir/renamed'))],
  ['a target of a link', (at) => (unlinkSync(at('link')), symlinkSync('single', at('link')))],
  ['another match of a pattern', (at) => writeFileSync(at('b.txt'), 'a\n')],
  ['a file that is gone', (at) => unlinkSync(at('b.txt'))],
  [
    'one file with two names',
    (at) => (unlinkSync(at('dir/renamed')), linkSync(at('dir/deep/file'), at('dir/renamed'))),
  ],
  [
    'two files of the same content',
    (at) => (unlinkSync(at('dir/renamed')), copyFileSync(at('dir/deep/file'), at('dir/renamed'))),
  ],
  [
    'a file in place of a folder',
    (at) => (rmSync(at('dir/empty'), { recursive: true }), writeFileSync(at('dir/empty'), '')),
  ],
  [
    'a folder in place of a file',
    (at) => (unlinkSync(at('single')), mkdirSync(at('single')), writeFileSync(at('single/x'), 'x')),
  ],
  ['an archive', (at) => execFileSync('tar', ['-C', at('dir'), '-cf', at('files.tar'), '.'])],
  ['what is ignored', (at) => writeFileSync(at('.dockerignore'), 'dir/renamed\n')],
  ['a time', (at) => utimesSync(at('dir/deep/file'), 77, 77)],
];

/** A warm store may know all of COPY's layers by their content keys: it must never take one that a fresh store wouldn't make. */
describe('a remembered layer is the one that would be made', () => {
  for (const times of ['auto', 'preserve'] as const) {
    it(`times ${times}: after every change as in a fresh store, and once more`, async (t) => {
      const folder = temporaryFolder(t);
      const context = join(folder, 'context');
      mkdirSync(join(context, 'dir/deep'), { recursive: true });
      const at = (name: string) => join(context, name);
      writeFileSync(at('dir/deep/file'), 'first\n');
      writeFileSync(at('a.txt'), 'a\n');
      writeFileSync(at('single'), 'single\n');
      symlinkSync('a.txt', at('link'));
      execFileSync('tar', ['-C', context, '-cf', join(folder, 'files.tar'), 'a.txt']);
      renameSync(join(folder, 'files.tar'), at('files.tar'));
      let homes = 0;
      const now = Date.now();
      const digest = async (options: Pick<BuildOptions, 'home'>) => {
        const text = { name: 'Dockerfile', text: dockerfile };
        const result = await build(
          testBuildOptions({
            context: { type: 'folder', path: context },
            dockerfile: text,
            times,
            clock: () => now,
            outputs: [{ type: 'store' }],
            ...options,
          }),
        );
        return result.images[0]?.digest;
      };
      const warm = { home: join(folder, 'warm') };
      const seen = new Set([await digest(warm)]);
      for (const [what, change] of changes) {
        change(at);
        const fresh = await digest({ home: join(folder, `home-${homes++}`) });
        assert.equal(await digest(warm), fresh, what);
        assert.equal(await digest(warm), fresh, `${what}, again`);
        seen.add(fresh);
      }
      // each gives an image of its own: but for the time where times don't count, and the file that is gone again
      const fewest = times === 'auto' ? changes.length - 1 : changes.length;
      assert.ok(seen.size >= fewest, `${seen.size}`);
    });
  }
});
