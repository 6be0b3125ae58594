import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/onebuild', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'onebuild-login-'));
after(() => rmSync(folder, { recursive: true }));
const env = { ...process.env, HOME: folder, DOCKER_CONFIG: join(folder, 'docker'), NO_COLOR: '1' };

function run(args: string[], input = '') {
  return spawnSync(bin, args, { encoding: 'utf8', env, cwd: folder, input });
}

test('a login is checked by the registry, kept for Docker, and forgotten', async (context) => {
  const line = run(['registry', 'user', 'ann', '--password-stdin'], 'open sesame\n');
  assert.equal(line.status, 0);
  assert.match(line.stdout, /^ann:\$scrypt\$/);
  writeFileSync(join(folder, 'users'), line.stdout);
  const flags = ['--listen', '127.0.0.1:0', '--root', 'registry', '--users', 'users', '--quiet'];
  const server = spawn(bin, ['registry', 'serve', ...flags], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => server.kill('SIGTERM'));
  const [first] = await once(server.stdout, 'data');
  const host = /http:\/\/([\d.:]+)/.exec(String(first))?.[1] ?? '';

  const wrong = run(['login', '-u', 'ann', '--password-stdin', host], 'close sesame');
  assert.equal(wrong.status, 4);
  assert.match(wrong.stderr, /^error REGISTRY_UNAUTHORIZED: /);
  assert.doesNotMatch(wrong.stderr, /sesame/);
  assert.equal(existsSync(join(folder, 'docker/config.json')), false);

  const right = run(['login', '-u', 'ann', '--password-stdin', `http://${host}/`], 'open sesame\n');
  assert.deepEqual([right.status, right.stderr], [0, '']);
  const config = join(folder, 'docker/config.json');
  assert.equal(statSync(config).mode & 0o077, 0);
  const auth = Buffer.from('ann:open sesame').toString('base64');
  assert.deepEqual(JSON.parse(readFileSync(config, 'utf8')), { auths: { [host]: { auth } } });

  assert.equal(run(['logout', host]).stdout, `Logged out of ${host}.\n`);
  assert.equal(run(['logout', host]).stdout, `There was no login to ${host}.\n`);
});

test('without a terminal a password has to be piped in', () => {
  for (const args of [
    ['login', '-u', 'ann', 'localhost:1'],
    ['login', 'localhost:1'],
    ['login', '--password-stdin', 'localhost:1'],
  ]) {
    const { status, stderr } = run(args);
    assert.equal(status, 2);
    assert.match(stderr, /^error USAGE: /);
  }
});
