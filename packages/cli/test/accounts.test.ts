import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type FaultProxy,
  type RegistryService,
  type Script,
  startDockerRegistry,
  startFaultProxy,
  temporaryFolder,
} from '@onebuild/testkit';
import { type Ended, runCommand, succeed } from './start-command.ts';

const passwords = { puller: 'pull-secret-1', pusher: 'push-secret-2' } as const;
type User = keyof typeof passwords;

/** bcrypt of the passwords above. */
const htpasswd = `puller:$2y$05$abcdefghijklmnopqrstuuUWdQLXeCyNqmOt3KPil9oB.PrIjDKaK
pusher:$2y$05$zbcdefghijklmnopqrstuuB7qYOXB2FWDBeMZjifr8A4oNSeJn9Du
`;

const scratch = temporaryFolder();
const registry: RegistryService = await startDockerRegistry({ htpasswd });
const proxy: FaultProxy = await startFaultProxy(registry.host);
after(async () => {
  await proxy.close();
  await registry.close();
});

const userOf = (authorization = ''): string =>
  Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':', 1)[0] ?? '';

/** Everybody may log in; `base` is for who pulls, `team` for who pushes; nobody else may do anything with either. */
const rights: Script = ({ url, headers }) => {
  if (headers.authorization === undefined || url === '/v2/') return undefined;
  const owner: User = url.startsWith('/v2/base/') ? 'puller' : 'pusher';
  const mount = /[?&]from=base/.test(url);
  if (userOf(headers.authorization) === owner && !mount) return undefined;
  const json = { 'content-type': 'application/json' };
  return {
    do: 'answer',
    status: 403,
    headers: json,
    body: '{"errors":[{"code":"DENIED","message":"no right"}]}',
  };
};

/** A home folder of its own, with commands that run in it. */
function openHome() {
  const home = temporaryFolder();
  const env = {
    HOME: home,
    PATH: `${join(home, 'bin')}:${process.env['PATH']}`,
    DOCKER_CONFIG: '',
    ONEBUILD_CONFIG: '',
    XDG_CONFIG_HOME: '',
  };
  const options = { home: join(scratch, 'store'), cwd: home };
  const run = (
    args: readonly string[],
    extra: Readonly<Record<string, string>> = {},
    input = '',
  ): Promise<Ended> => runCommand(args, { ...options, env: { ...env, ...extra }, input });
  return {
    home,
    run,
    async login(user: User, ...args: readonly string[]): Promise<string> {
      const flags = ['login', '-u', user, '--password-stdin', ...args];
      return (await succeed(flags, { ...options, env, input: `${passwords[user]}\n` })).stdout;
    },
  };
}

function context(base: string, text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\nCOPY file /\n`);
  writeFileSync(join(folder, 'file'), text);
  return folder;
}

const base = `${proxy.host}/base/os:1`;

test('a private base, before all else', async () => {
  const { login, run } = openHome();
  await login('puller', proxy.host);
  const { code, stderr } = await run(['build', '--push', '-t', base, context('scratch', 'base')]);
  assert.equal(code, 0, stderr);
});

test('one build pulls with one account and pushes with another, to the same registry', async () => {
  const { login, run } = openHome();
  assert.match(await login('puller', proxy.host), /kept in .*\.docker\/config\.json/);
  const kept = await login('pusher', `${proxy.host}/team`, '--purpose', 'push');
  assert.match(kept, /to push; kept in .*\.config\/onebuild\/auth\.json/);
  proxy.play(rights);
  const image = `${proxy.host}/team/app:1`;
  const { code, stderr } = await run(['build', '--push', '-t', image, context(base, 'app')]);
  assert.equal(code, 0, stderr);
  const users = proxy.seen.map(({ url, headers }) => `${url.split('/')[2]} ${userOf(headers.authorization)}`);
  assert.deepEqual([...new Set(users)].filter((user) => !user.endsWith(' ')).sort(), [
    'base puller',
    'team pusher',
  ]);
  // the account for pushes is not lent to pulls
  const pulled = await run(['inspect', image]);
  assert.equal(pulled.code, 4);
  assert.match(
    pulled.stderr,
    /access denied with the login of puller for 127\.0\.0\.1:\d+ \(.*config\.json\)/,
  );
});

test('a login that is not accepted is named, with what it is for and where it is kept', async () => {
  const { home, login, run } = openHome();
  await login('puller', proxy.host);
  await login('pusher', `${proxy.host}/team`, '--purpose', 'push');
  proxy.play();
  const file = join(home, '.config/onebuild/auth.json');
  const wrong = Buffer.from('pusher:out-of-date-3').toString('base64');
  const right = Buffer.from(`pusher:${passwords.pusher}`).toString('base64');
  writeFileSync(file, readFileSync(file, 'utf8').replace(right, wrong));
  const build = ['build', '--push', '-t', `${proxy.host}/team/app:2`, context(base, 'two')];
  const refused = await run(build);
  assert.equal(refused.code, 4);
  assert.ok(
    refused.stderr.includes(`the login of pusher for ${proxy.host}/team to push (${file})`),
    refused.stderr,
  );
  assert.ok(refused.stderr.includes(`onebuild login ${proxy.host}/team --purpose push`));
  assert.doesNotMatch(refused.stdout + refused.stderr, new RegExp(`out-of-date|${wrong}`));
  // what CI sets counts before files
  const logins = [{ registry: `${proxy.host}/team`, purpose: 'push', auth: right }];
  const repaired = await run(build, { ONEBUILD_AUTH_CONFIG: JSON.stringify({ logins }) });
  assert.equal(repaired.code, 0, repaired.stderr);
});

test("GitLab's variable: the text of a config.json, or its path; a broken one is not quoted", async () => {
  const { home, run } = openHome();
  proxy.play();
  const auth = Buffer.from(`puller:${passwords.puller}`).toString('base64');
  const text = JSON.stringify({ auths: { [proxy.host]: { auth } } });
  writeFileSync(join(home, 'given.json'), text);
  for (const value of [text, 'given.json']) {
    assert.equal((await run(['inspect', base], { DOCKER_AUTH_CONFIG: value })).code, 0);
  }
  for (const value of [text.slice(0, -1), Buffer.from(text).toString('base64')]) {
    const { code, stderr } = await run(['inspect', base], { DOCKER_AUTH_CONFIG: value });
    assert.equal(code, 3);
    assert.match(stderr, /the variable DOCKER_AUTH_CONFIG is /);
    assert.ok(!stderr.includes(auth) && !stderr.includes(value.slice(0, 20)));
  }
});

test('a credential helper keeps the secrets of both purposes', async () => {
  const { home, login, run } = openHome();
  proxy.play();
  const [bin, secrets] = [join(home, 'bin'), join(home, 'secrets')];
  for (const folder of [bin, secrets, join(home, '.docker')]) mkdirSync(folder);
  const helper = join(bin, 'docker-credential-onebuild-test');
  writeFileSync(
    helper,
    `#!/bin/sh
read -r input
file=${secrets}/$(printf '%s' "$input" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/' | od -An -tx1 | tr -d ' \\n')
case $1 in
  store) printf '%s' "$input" > "$file" ;;
  get) cat "$file" 2> /dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
  erase) rm "$file" ;;
esac
`,
  );
  chmodSync(helper, 0o755);
  writeFileSync(join(home, '.docker/config.json'), '{"credsStore":"onebuild-test"}');
  assert.match(await login('puller', proxy.host), /kept in the credential helper onebuild-test/);
  await login('pusher', proxy.host, '--purpose', 'push');
  for (const file of ['.docker/config.json', '.config/onebuild/auth.json']) {
    const text = readFileSync(join(home, file), 'utf8');
    assert.doesNotMatch(text, /"auth":|secret/);
  }
  const list = await run(['login', '--list', '--format', 'json']);
  assert.deepEqual(
    (JSON.parse(list.stdout) as Record<string, string>[]).map(({ purpose, account, helper: by }) => [
      purpose,
      account,
      by,
    ]),
    [
      ['push', 'pusher', 'onebuild-test'],
      [undefined, undefined, 'onebuild-test'],
    ],
  );
  proxy.play(rights);
  const built = await run(['build', '--push', '-t', `${proxy.host}/team/app:3`, context(base, 'three')]);
  assert.equal(built.code, 0, built.stderr);
  assert.match(
    (await run(['logout', proxy.host, '--purpose', 'push'])).stdout,
    /^Logged out of .* to push\.$/m,
  );
  assert.match((await run(['logout', proxy.host])).stdout, /^Logged out of /);
  assert.match((await run(['login', '--list'])).stdout, /^There are no logins\.$/m);
});

test('a registry is reached at another address; names and logins are those of its host', async () => {
  const { home, login, run } = openHome();
  proxy.play();
  const host = 'registry.onebuild.test';
  const at = ['--registry-endpoint', `${host}=http://${proxy.host}`];
  await login('puller', host, ...at);
  await login('pusher', `${host}/team`, '--purpose', 'push', ...at);
  proxy.play(rights);
  const image = `${host}/team/app:4`;
  const metadata = join(home, 'metadata.json');
  const build = [
    'build',
    '--push',
    '-t',
    image,
    '--metadata-file',
    metadata,
    context(`${host}/base/os:1`, 'four'),
  ];
  const built = await run([...build, ...at]);
  assert.equal(built.code, 0, built.stderr);
  assert.ok(readFileSync(metadata, 'utf8').includes(image));
  assert.ok(!(built.stdout + built.stderr + readFileSync(metadata, 'utf8')).includes(proxy.host));
  const variable = await run(['inspect', `${host}/base/os:1`], {
    ONEBUILD_REGISTRY_ENDPOINT: `other.test=x.test, ${host}=http://${proxy.host}`,
  });
  assert.equal(variable.code, 0, variable.stderr);
});

test('a project names the login and the address of its registry', async () => {
  const { home, login, run } = openHome();
  proxy.play();
  const host = 'registry.onebuild.test';
  writeFileSync(join(home, 'Dockerfile'), 'FROM scratch\nCOPY file /\n');
  writeFileSync(join(home, 'file'), 'project');
  writeFileSync(
    join(home, 'onebuild.yaml'),
    `registries: { main: { host: ${host}, endpoint: "${proxy.host}", insecure: true, credential: ci-push } }
components: { web: { images: "main/team/web:1" } }
`,
  );
  const missing = await run(['build', '--push']);
  assert.equal(missing.code, 4, missing.stderr);
  assert.match(missing.stderr, /login --name ci-push|--name ci-push/);
  assert.doesNotMatch(missing.stderr, /COPY/, 'it is said before anything is built');
  await login('pusher', host, '--name', 'ci-push', '--registry-endpoint', `${host}=http://${proxy.host}`);
  proxy.play(rights);
  const kept = await run(['build', '--push']);
  assert.match(
    kept.stderr,
    new RegExp(`--registry-endpoint ${host}=`),
    'a file alone sends no password elsewhere',
  );
  const built = await run(['build', '--push', '--registry-endpoint', `${host}=http://${proxy.host}`]);
  assert.equal(built.code, 0, built.stderr);
  assert.match(built.stderr, new RegExp(`${host}/team/web:1`));
});
