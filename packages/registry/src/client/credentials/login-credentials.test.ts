import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { temporaryFolder } from '@onebuild/testkit';
import { authFile, authText, dockerConfigFile } from './auth-config.ts';
import type { Credential, Purpose } from './credential-source.ts';
import { saveLogin } from './docker-login.ts';
import { listLogins } from './list-logins.ts';
import { createLoginCredentials } from './login-credentials.ts';
import { describeLogin, type LoginKey } from './login-origin.ts';
import { eraseOwnLogin, saveOwnLogin } from './own-login.ts';
import { type SpawnHelper, spawnHelper } from './spawn-helper.ts';

const password = (username: string): Credential => ({
  type: 'password',
  username,
  password: `secret of ${username}`,
});
const account = (found: Credential | undefined) => (found?.type === 'password' ? found.username : undefined);
const auth = (username: string) => Buffer.from(`${username}:secret of ${username}`).toString('base64');

/** A file with logins that are called as they are made: `reg.example/team push`. */
async function ownFile(t: { after(run: () => void): void }, ...keys: readonly string[]): Promise<string> {
  const path = join(temporaryFolder(t), 'onebuild', 'auth.json');
  for (const key of keys) await saveOwnLogin(parseKey(key), password(key), { path });
  return path;
}

/** `HOST[/PREFIX] [pull|push] [=NAME]` */
function parseKey(text: string): LoginKey {
  const [registry = '', ...rest] = text.split(' ');
  const purpose = rest.find((word): word is Purpose => word === 'pull' || word === 'push');
  const name = rest.find((word) => word.startsWith('='))?.slice(1);
  return { registry, ...(purpose && { purpose }), ...(name && { name }) };
}

test('the longest part of the path, then the purpose', async (t) => {
  const path = await ownFile(
    t,
    'reg.example push',
    'reg.example pull',
    'reg.example/team',
    'reg.example/team/app push',
    'other.example:5000 push',
  );
  const ask = createLoginCredentials([authFile(path)]);
  for (const [repository, purpose, expected] of [
    ['x', 'push', 'reg.example push'],
    ['x', 'pull', 'reg.example pull'],
    ['', 'pull', 'reg.example pull'],
    ['teamwork', 'push', 'reg.example push'],
    ['team', 'push', 'reg.example/team'],
    ['team/application', 'push', 'reg.example/team'],
    ['team/app', 'push', 'reg.example/team/app push'],
    ['team/app/sub', 'push', 'reg.example/team/app push'],
    ['team/app', 'pull', 'reg.example/team'],
  ] as const) {
    assert.equal(
      account(await ask('reg.example', repository, purpose)),
      expected,
      `${repository} ${purpose}`,
    );
  }
  assert.equal(await ask('other.example:5000', 'x', 'pull'), undefined);
  assert.equal(await ask('other.example', 'x', 'push'), undefined);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(path, '..')), ['auth.json']);
});

test('sources count in their order where logins are equally precise', async (t) => {
  const folder = temporaryFolder(t);
  const docker = join(folder, 'config.json');
  await saveLogin('reg.example', password('docker'), { path: docker });
  await saveLogin('only.example', password('docker'), { path: docker });
  const variable = authText(
    JSON.stringify({
      auths: { 'https://reg.example/v2/': { auth: auth('variable') } },
      logins: [{ registry: 'reg.example/team', purpose: 'push', auth: auth('job') }],
    }),
    'the variable DOCKER_AUTH_CONFIG',
  );
  const own = authFile(await ownFile(t, 'reg.example push'));
  const ask = createLoginCredentials([variable, own, dockerConfigFile(docker)]);
  assert.equal(account(await ask('reg.example', 'x', 'pull')), 'variable');
  assert.equal(account(await ask('reg.example', 'x', 'push')), 'reg.example push');
  assert.equal(account(await ask('only.example', 'x', 'push')), 'docker');
  const job = await ask('reg.example', 'team/a', 'push');
  assert.ok(job);
  assert.equal(
    describeLogin(job),
    'the login of job for reg.example/team to push (the variable DOCKER_AUTH_CONFIG)',
  );
});

test('a login with a name counts where the name is called for, and nowhere else', async (t) => {
  const path = await ownFile(t, 'reg.example', 'reg.example =robot push', 'else.example =other');
  const ask = (name: string) =>
    createLoginCredentials([authFile(path)], {
      wanted: new Map([['reg.example', [{ name, wantedBy: 'the project' }]]]),
    });
  assert.equal(account(await ask('robot')('reg.example', 'x', 'push')), 'reg.example =robot push');
  // the name is for pushes alone
  assert.equal(account(await ask('robot')('reg.example', 'x', 'pull')), 'reg.example');
  assert.equal(
    account(await createLoginCredentials([authFile(path)])('reg.example', 'x', 'push')),
    'reg.example',
  );
  for (const [name, why] of [
    ['nobody', /^the project wants the login "nobody" for reg\.example, and there is no such login/],
    ['other', /wants the login "other" for reg\.example, and that login is for else\.example/],
  ] as const) {
    await assert.rejects(ask(name)('reg.example', 'x', 'push'), (error) => {
      assert.ok(isFault(error, 'REGISTRY_UNAUTHORIZED'));
      assert.match(error.message, why);
      assert.match(error.hint, new RegExp(`onebuild login reg\\.example --name ${name}`));
      return true;
    });
    // whoever only pulls needs no login for pushes
    assert.equal(account(await ask(name)('reg.example', 'x', 'pull')), 'reg.example');
  }
  assert.equal(await ask('nobody')('free.example', 'x', 'push'), undefined);
});

test('a login for the same replaces, is listed without its secret, and is forgotten', async (t) => {
  const path = await ownFile(t, 'reg.example/team push');
  const key = { registry: 'reg.example/team', purpose: 'push' } as const;
  await saveOwnLogin(key, password('second'), { path });
  await saveOwnLogin({ ...key, name: 'ci' }, { type: 'identity-token', token: 'refresh token' }, { path });
  const listed = await listLogins([authFile(path)]);
  assert.deepEqual(listed, [
    { ...key, account: 'second', place: path, editable: true },
    { ...key, name: 'ci', place: path, editable: true },
  ]);
  assert.doesNotMatch(JSON.stringify(listed), /secret|refresh|auth"/);
  assert.equal(await eraseOwnLogin(key, { path }), true);
  assert.equal(await eraseOwnLogin(key, { path }), false);
  assert.equal((await listLogins([authFile(path)])).length, 1);
});

/** A helper as people write them: a program that keeps each secret in a file. */
function fileHelper(folder: string): SpawnHelper {
  const program = join(folder, 'docker-credential-files');
  writeFileSync(
    program,
    `#!/bin/sh
read -r input
server=$(printf '%s' "$input" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/')
file=${folder}/$(printf '%s' "$server" | od -An -tx1 | tr -d ' \\n')
case $1 in
  store) printf '%s' "$input" > "$file" ;;
  get) cat "$file" 2> /dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
  erase) rm "$file" ;;
esac
`,
  );
  chmodSync(program, 0o755);
  return (name, verb, input) => {
    assert.equal(name, 'docker-credential-files');
    return spawnHelper(program, verb, input);
  };
}

test('a credential helper keeps the secrets of all purposes apart', async (t) => {
  const folder = temporaryFolder(t);
  const [path, spawn] = [join(folder, 'auth.json'), fileHelper(folder)];
  const keys = ['reg.example pull', 'reg.example push', 'reg.example/team', 'reg.example push =ci'];
  for (const key of keys) {
    const kept = await saveOwnLogin(parseKey(key), password(key), { path, store: 'files', spawn });
    assert.deepEqual(kept, { helper: 'files' });
  }
  assert.doesNotMatch(readFileSync(path, 'utf8'), /secret/);
  assert.equal(readdirSync(folder).length, keys.length + 2);
  const ask = createLoginCredentials([authFile(path)], {
    spawn,
  });
  const found = await ask('reg.example', 'x', 'push');
  assert.ok(found?.type === 'password');
  assert.equal(found.password, 'secret of reg.example push');
  assert.match(describeLogin(found), /for reg\.example to push \(.*auth\.json, credential helper files\)$/);
  assert.equal(account(await ask('reg.example', 'x', 'pull')), 'reg.example pull');
  assert.equal(account(await ask('reg.example', 'team/x', 'pull')), 'reg.example/team');
  assert.deepEqual(
    (await listLogins([authFile(path)])).map((login) => login.account),
    keys,
  );
  await eraseOwnLogin(parseKey('reg.example push'), { path, spawn });
  assert.equal(await ask('reg.example', 'x', 'push'), undefined);
  assert.equal(readdirSync(folder).length, keys.length + 1);
});

test('a helper that has nothing is passed over; one that was named by hand is asked by the registry', async () => {
  const asked: string[] = [];
  const spawn: SpawnHelper = (program, _, input) => {
    asked.push(`${program} ${input.trim()}`);
    return Promise.resolve({ code: 1, stdout: 'credentials not found in native keychain', stderr: '' });
  };
  const text = JSON.stringify({
    logins: [{ registry: 'reg.example', purpose: 'push', helper: 'cloud-login' }],
    auths: { 'reg.example': { auth: auth('plain') } },
  });
  const ask = createLoginCredentials([authText(text, 'x')], { spawn });
  assert.equal(account(await ask('reg.example', 'a', 'push')), 'plain');
  assert.deepEqual(asked, ['docker-credential-cloud-login reg.example']);
});

test('many questions in short order are one for a helper', async () => {
  let now = 0;
  const asked: string[] = [];
  const spawn: SpawnHelper = (_program, _verb, input) => {
    asked.push(input.trim());
    const answer = { Username: `account ${asked.length}`, Secret: 'secret' };
    return Promise.resolve({
      code: input.startsWith('down') ? 1 : 0,
      stdout: JSON.stringify(answer),
      stderr: '',
    });
  };
  const ask = createLoginCredentials([authText('{"credsStore":"x"}', 'x')], { spawn, clock: () => now });
  const found = await Promise.all(
    ['a', 'b', 'c'].map((repository) => ask('reg.example', repository, 'push')),
  );
  assert.deepEqual(found.map(account), ['account 1', 'account 1', 'account 1']);
  now += 60_000;
  assert.equal(account(await ask('reg.example', 'a', 'pull')), 'account 2');
  for (const at of [3, 4]) {
    await assert.rejects(ask('down.example', 'a', 'pull'), { code: 'CREDENTIAL_HELPER' });
    assert.equal(asked.length, at);
  }
});

test('a home that is no folder has no logins', async () => {
  const sources = [authFile('/dev/null/auth.json'), dockerConfigFile('/dev/null/config.json')];
  assert.equal(await createLoginCredentials(sources)('reg.example', 'a', 'push'), undefined);
});

test('a broken text of logins is named, and nothing of it is quoted', async (t) => {
  const path = join(temporaryFolder(t), 'auth.json');
  const login = { registry: 'reg.example', auth: 'c2VjcmV0OnNlY3JldA==' };
  for (const [bad, message] of [
    [`{"logins":[${JSON.stringify(login)}`, /is not JSON/],
    [JSON.stringify({ logins: [{ ...login, purpose: 'steal' }] }), /logins\.0\.purpose has not the form/],
    [JSON.stringify({ logins: [{ ...login, name: '../x' }] }), /logins\.0\.name has not the form/],
    [JSON.stringify({ logins: [{ ...login, registry: '' }] }), /logins\.0\.registry has not the form/],
    [JSON.stringify({ logins: { 'reg.example': login } }), /logins has not the form/],
  ] as const) {
    writeFileSync(path, bad);
    for (const source of [authFile(path), authText(bad, 'the variable X')]) {
      await assert.rejects(createLoginCredentials([source])('reg.example', 'a', 'pull'), (error) => {
        assert.ok(isFault(error, 'DOCKER_CONFIG_INVALID'));
        assert.match(error.message, message);
        assert.doesNotMatch(`${error.message} ${error.hint}`, /c2VjcmV0|steal|secret/);
        return true;
      });
    }
    await assert.rejects(saveOwnLogin({ registry: 'reg.example' }, password('x'), { path }));
    assert.equal(readFileSync(path, 'utf8'), bad);
  }
  assert.ok(existsSync(path));
});
