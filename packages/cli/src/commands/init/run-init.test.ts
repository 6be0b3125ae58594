import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import type { CliContext } from '../../cli-context.ts';
import type { InitFlags } from './define-init.ts';
import { runInit } from './run-init.ts';

const scratch = temporaryFolder();
after(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;

function folder(files: Readonly<Record<string, string>>): string {
  const path = join(scratch, `My Shop ${count++}`);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

async function init(cwd: string, flags: InitFlags = {}): Promise<string> {
  const stdout = new PassThrough();
  const context: CliContext = {
    env: {},
    cwd,
    uid: 0,
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '1',
    self: [],
    args: [],
    exitCode: 0,
  };
  await runInit(context, '.', flags);
  return String(stdout.read() ?? '');
}

describe('onebuild init', () => {
  it('writes three files for a language', async () => {
    const cwd = folder({ 'go.mod': 'module x\ngo 1.23\n' });
    mkdirSync(join(cwd, 'cmd/server'), { recursive: true });
    const printed = await init(cwd);
    assert.deepEqual(readdirSync(cwd).sort(), [
      '.dockerignore',
      'Dockerfile',
      'cmd',
      'go.mod',
      'onebuild.yaml',
    ]);
    assert.match(readFileSync(join(cwd, 'Dockerfile'), 'utf8'), /golang:1\.23 [^]* \.\/cmd\/server\n/);
    assert.match(readFileSync(join(cwd, 'onebuild.yaml'), 'utf8'), /\napp: my-shop-0\n/);
    assert.match(printed, /Dockerfile +written\n[^]*for Go/);
  });

  it('keeps what is there, but with --force; Dockerfiles always', async () => {
    const cwd = folder({ 'package.json': '{}', Dockerfile: 'FROM mine\n', 'onebuild.yaml': 'mine\n' });
    assert.match(await init(cwd), /onebuild\.yaml +kept/);
    assert.equal(readFileSync(join(cwd, 'onebuild.yaml'), 'utf8'), 'mine\n');
    assert.match(await init(cwd, { force: true, name: 'web' }), /onebuild\.yaml +written over/);
    assert.match(readFileSync(join(cwd, 'onebuild.yaml'), 'utf8'), /\napp: web\n/);
    assert.equal(readFileSync(join(cwd, 'Dockerfile'), 'utf8'), 'FROM mine\n');
  });

  it('does not write through a link that leads out of the folder', async () => {
    const cwd = folder({ 'go.mod': '' });
    symlinkSync(join(scratch, 'outside'), join(cwd, '.dockerignore'));
    assert.match(await init(cwd), /\.dockerignore +kept/);
    assert.ok(!readdirSync(scratch).includes('outside'));
  });

  it('complains of names, folders and languages that it cannot use', async () => {
    await assert.rejects(init(folder({ 'go.mod': '' }), { name: 'My Shop' }), { code: 'USAGE' });
    await assert.rejects(init(join(scratch, 'none')), { code: 'CONTEXT_NOT_FOUND' });
    await assert.rejects(init(folder({ 'notes.txt': '' })), { code: 'DOCKERFILE_NOT_FOUND' });
  });
});
