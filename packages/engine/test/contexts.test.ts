import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isFault } from '@onebuild/core';
import { type BuildOptions, build } from '@onebuild/engine';
import { type CleansUp, runProgram, temporaryFolder } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

interface Files {
  readonly [path: string]: string;
}

function folder(root: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function builtFiles(t: CleansUp, options: Partial<BuildOptions> & Pick<BuildOptions, 'context'>) {
  const scratch = temporaryFolder(t);
  const dest = join(scratch, 'out');
  await build(
    testBuildOptions({ home: join(scratch, 'home'), outputs: [{ type: 'local', dest }], ...options }),
  );
  return readdirSync(dest, { recursive: true }).sort();
}

describe('contexts', () => {
  it('a named folder has its own ignore file', async (t) => {
    const main = folder(temporaryFolder(t), {
      Dockerfile: 'FROM scratch\nCOPY --from=other . /o/\nCOPY . /m/\n',
      '.dockerignore': 'a\nDockerfile\n.dockerignore\n',
      a: '',
      b: '',
    });
    const other = folder(temporaryFolder(t), { '.dockerignore': 'b\n.dockerignore\n', a: '', b: '' });
    const files = await builtFiles(t, {
      context: { type: 'folder', path: main },
      buildContexts: { other: { type: 'folder', path: other } },
    });
    assert.deepEqual(files, ['m', 'm/b', 'o', 'o/a']);
  });

  it('an ignore file beside the Dockerfile goes before that of the context', async (t) => {
    const main = folder(temporaryFolder(t), {
      'docker/app.Dockerfile': 'FROM scratch\nCOPY x y /\n',
      'docker/app.Dockerfile.dockerignore': 'docker\n',
      '.dockerignore': 'x\n',
      x: '',
      y: '',
    });
    const files = await builtFiles(t, {
      context: { type: 'folder', path: main },
      dockerfile: 'docker/app.Dockerfile',
    });
    assert.deepEqual(files, ['x', 'y']);
  });

  it('an archive on a stream, and a Dockerfile alone', async (t) => {
    const scratch = temporaryFolder(t);
    const main = folder(join(scratch, 'context'), { Dockerfile: 'FROM scratch\nCOPY sub /\n', 'sub/f': 'f' });
    const tar = join(scratch, 'context.tar.gz');
    await runProgram(['tar', '-C', main, '-czf', tar, '.']);
    const stream = async function* (bytes: Uint8Array) {
      yield bytes;
    };
    const archive = { type: 'stream', name: 'stdin', stream: stream(readFileSync(tar)) } as const;
    assert.deepEqual(await builtFiles(t, { context: archive }), ['f']);
    const text = Buffer.from('FROM scratch\nCOPY <<EOF /hello\nhi\nEOF\n');
    const alone = { type: 'stream', name: 'stdin', stream: stream(text) } as const;
    assert.deepEqual(await builtFiles(t, { context: alone }), ['hello']);
  });

  it('nothing outside a context is read, whatever its links say', async (t) => {
    const outside = folder(temporaryFolder(t), { secret: 'FROM scratch\n', ignore: '*\n' });
    const main = folder(temporaryFolder(t), { Dockerfile: 'FROM scratch\nCOPY link /\n' });
    symlinkSync(join(outside, 'secret'), join(main, 'link'));
    symlinkSync(join(outside, 'secret'), join(main, 'Other.Dockerfile'));
    const context = { type: 'folder', path: main } as const;
    await assert.rejects(builtFiles(t, { context }), (error) => isFault(error, 'SOURCE_NOT_FOUND'));
    await assert.rejects(builtFiles(t, { context, dockerfile: 'Other.Dockerfile' }), (error) =>
      isFault(error, 'DOCKERFILE_NOT_FOUND'),
    );
  });
});
