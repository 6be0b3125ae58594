import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { startSshAgents } from './ssh-agents.ts';

const folder = mkdtempSync(join(tmpdir(), 'onebuild-keys-'));
after(() => rmSync(folder, { recursive: true }));
const context = { env: process.env, signal: new AbortController().signal };

function makeKey(name: string, passphrase: string): string | undefined {
  const path = join(folder, name);
  const { error } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', path]);
  return error === undefined ? path : undefined;
}

const skip =
  makeKey('plain', '') === undefined &&
  process.env['ONEBUILD_TEST_STRICT'] === undefined &&
  'openssh-client is not installed (apt-get install openssh-client)';

test('an agent offers the keys until it is closed', { skip }, async () => {
  const agents = await startSshAgents({ default: [join(folder, 'plain')], other: [] }, context);
  const { default: socket = '', other = '' } = agents.sockets;
  const list = (path: string) =>
    spawnSync('ssh-add', ['-l'], { env: { ...process.env, SSH_AUTH_SOCK: path }, encoding: 'utf8' }).stdout;
  assert.match(list(socket), /ED25519/);
  assert.match(list(other), /no identities/);
  await agents.close();
  assert.deepEqual([existsSync(socket), existsSync(other)], [false, false]);
});

test('a key with a passphrase is refused without asking for it', { skip }, async () => {
  await assert.rejects(
    startSshAgents({ default: [makeKey('locked', 'secret') ?? ''] }, context),
    (error) => isFault(error, 'SSH_NOT_FOUND') && error.message.endsWith('it has a passphrase'),
  );
});
