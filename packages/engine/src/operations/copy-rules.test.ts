import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ErrorCode } from '@onebuild/core';
import { isFault } from '@onebuild/core';
import { buildFiles } from './build-files.fixture.ts';

/** `x/y/f`, a link `l` to `x`, and `z/l/f`. */
function fill(context: string): void {
  mkdirSync(join(context, 'x/y'), { recursive: true });
  writeFileSync(join(context, 'x/y/f'), 'f');
  symlinkSync('x', join(context, 'l'));
  mkdirSync(join(context, 'z/l'), { recursive: true });
  writeFileSync(join(context, 'z/l/f'), 'f');
}

const make = (t: TestContext, lines: string) => buildFiles(t, `FROM scratch\n${lines}\n`, { fill });

async function refused(t: TestContext, lines: string, code: ErrorCode): Promise<void> {
  await assert.rejects(make(t, lines), (error) => isFault(error, code));
}

test('a symbolic --chmod leaves folders made on the way alone, an octal one does not', async (t) => {
  const files = await make(t, 'COPY --chmod=u=rwX,go= x /a/b/\nCOPY --chmod=0711 x /c/d/');
  const mode = (path: string) => statSync(join(files, path)).mode & 0o7777;
  assert.deepEqual(['a', 'a/b', 'a/b/y', 'a/b/y/f'].map(mode), [0o755, 0o755, 0o700, 0o600]);
  assert.deepEqual(['c', 'c/d', 'c/d/y', 'c/d/y/f'].map(mode), [0o711, 0o711, 0o711, 0o711]);
});

test('the folders before a wildcard exist, and hold something that the build takes', async (t) => {
  await refused(t, 'COPY nothing/* /a/', 'SOURCE_NOT_FOUND');
  await refused(t, 'COPY x/*.no x/n* /a/', 'SOURCE_NOT_FOUND');
  await refused(t, 'COPY x /x\nFROM scratch\nCOPY --from=0 /nothing/* /a/', 'SOURCE_NOT_FOUND');
  const files = await make(
    t,
    'COPY no* /a/\nCOPY x/*.no /a/\nCOPY x/**/**/f /a/\nCOPY x/y /b/\nFROM scratch\nCOPY --from=0 /b/n* /b /',
  );
  assert.deepEqual(readdirSync(files), ['f']);
});

test('--parents names nothing through a link, and nothing when no path is left', async (t) => {
  const files = await make(
    t,
    'COPY --parents l/y/f /a/\nCOPY --parents . /b/\nCOPY --parents x/./ /c/\nCOPY --parents l /d/',
  );
  assert.deepEqual([readdirSync(join(files, 'a')), readdirSync(join(files, 'b'))], [[], []]);
  assert.deepEqual([readdirSync(join(files, 'c')), readdirSync(join(files, 'd'))], [[], ['l']]);
  await refused(t, 'COPY --parents x/nothing /a/', 'SOURCE_NOT_FOUND');
});

test('--parents with a wildcard before the pivot takes what is there', async (t) => {
  const files = await make(
    t,
    'COPY --parents [xz]/./y/f /a/\nCOPY --parents no*/./y /b/\nCOPY --parents x/y/*/./no /c/',
  );
  assert.deepEqual(readdirSync(files), ['a', 'c']);
  assert.deepEqual(readdirSync(join(files, 'c')), ['f']);
  await refused(t, 'COPY --parents x/./*.no /a/', 'SOURCE_NOT_FOUND');
});

test('--parents does not replace a link below the destination', async (t) => {
  await refused(t, 'COPY --parents l /p/\nCOPY --parents z/./l/f /p/', 'SOURCE_NOT_FOUND');
});

test('a heredoc is a file whatever --parents says, and its name holds no folder', async (t) => {
  const files = await make(t, 'COPY --parents <<EOF /a/b\ntext\nEOF');
  assert.equal(readFileSync(join(files, 'a/b'), 'utf8'), 'text\n');
  await refused(t, 'COPY <<a/b /c/\ntext\na/b', 'DOCKERFILE_INSTRUCTION');
});

test('names of --chown need files to look them up in; root and numbers do not', async (t) => {
  await refused(t, 'COPY --chown=joe x /x', 'STEP_USER_NOT_FOUND');
  await refused(t, 'COPY x /x\nCOPY --link --chown=0:team x /y', 'STEP_USER_NOT_FOUND');
  await refused(t, 'USER joe\nWORKDIR /x', 'STEP_USER_NOT_FOUND');
  const files = await make(t, 'COPY --chown=root:0 x /x\nCOPY --link --chown=root x /y');
  assert.deepEqual(readdirSync(files), ['x', 'y']);
});

test('files come from scratch, and not from a stage number of a mount', async (t) => {
  const files = await make(t, 'COPY --from=scratch / /a/');
  assert.deepEqual(readdirSync(join(files, 'a')), []);
  await refused(t, 'COPY x /x\nFROM scratch\nRUN --mount=from=0,target=/m true', 'DOCKERFILE_STAGE');
});

test('COPY fetches nothing', async (t) => {
  await refused(t, 'COPY http://127.0.0.1:1/x /x', 'DOCKERFILE_INSTRUCTION');
});
