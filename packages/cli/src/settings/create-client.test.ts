import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import type { ProjectRegistry } from '@onebuild/project';
import { type LoginKey, saveOwnLogin } from '@onebuild/registry/client';
import { formatPasswordLine, parsePasswordFile } from '@onebuild/registry/server';
import { type CleansUp, startOneBuildRegistry, temporaryFolder } from '@onebuild/testkit';
import type { CliContext } from '../cli-context.ts';
import { checkNamedLogins } from './check-named-logins.ts';
import { createClient, createClientOptions } from './create-client.ts';

const flags = { insecureRegistry: [], registryCa: [], mirror: [], registryEndpoint: [] };

/** A context whose home has these logins, each with the account that it is called by. */
async function contextWith(t: CleansUp, logins: Readonly<Record<string, LoginKey>>): Promise<CliContext> {
  const home = temporaryFolder(t);
  for (const [username, key] of Object.entries(logins)) {
    const path = join(home, '.config/onebuild/auth.json');
    await saveOwnLogin(key, { type: 'password', username, password: `password of ${username}` }, { path });
  }
  return {
    env: { HOME: home },
    cwd: home,
    uid: 1000,
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: Date.now,
    version: '0.0.0',
    self: [],
    args: [],
    exitCode: 0,
  };
}

/** The account that a client would show. */
async function accountFor(
  context: CliContext,
  registries: readonly ProjectRegistry[],
  options: { readonly host: string; readonly endpoint?: string },
): Promise<string | undefined> {
  const registryEndpoint = options.endpoint === undefined ? [] : [`${options.host}=${options.endpoint}`];
  const { credentials } = await createClientOptions(context, { ...flags, registryEndpoint }, registries);
  const found = await credentials?.(options.host, 'team/app', 'push');
  return found?.type === 'password' ? found.username : undefined;
}

test('the login that the project names counts for its registry', async (t) => {
  const context = await contextWith(t, {
    plain: { registry: 'reg.example/team/app', purpose: 'push' },
    robot: { registry: 'reg.example', name: 'harbor-push' },
  });
  const main = { name: 'main', host: 'reg.example' };
  const host = 'reg.example';
  assert.equal(await accountFor(context, [main], { host }), 'plain');
  const named = [{ ...main, credential: 'harbor-push' }];
  assert.equal(await accountFor(context, named, { host }), 'robot');
  await checkNamedLogins(context, named, [host, 'other.example']);
  const wrong = [{ ...main, credential: 'nobody' }];
  await checkNamedLogins(context, wrong, ['other.example']);
  for (const ask of [checkNamedLogins(context, wrong, [host]), accountFor(context, wrong, { host })]) {
    await assert.rejects(ask, {
      code: 'REGISTRY_UNAUTHORIZED',
      message: /^the registry main of the project wants the login "nobody" for reg\.example/,
    });
  }
});

test('a project file cannot have a login sent to an address of its own choice', async (t) => {
  const context = await contextWith(t, {
    owner: { registry: 'reg.example' },
    robot: { registry: 'reg.example', name: 'robot' },
  });
  const [host, endpoint] = ['reg.example', 'inside.example:5000'];
  const registries = [{ name: 'main', host, endpoint }];
  await assert.rejects(accountFor(context, registries, { host }), (error) => {
    assert.ok(isFault(error, 'REGISTRY_UNAUTHORIZED'));
    assert.match(
      error.message,
      /sends requests for reg\.example to inside\.example:5000, and the login of owner/,
    );
    assert.match(error.hint, /--registry-endpoint reg\.example=inside\.example:5000/);
    assert.doesNotMatch(error.message + error.hint, /password of/);
    return true;
  });
  assert.equal(await accountFor(context, registries, { host, endpoint }), 'owner');
  // nor by its name
  const evil = [{ name: 'main', host: 'evil.example', credential: 'robot' }];
  await assert.rejects(accountFor(context, evil, { host: 'evil.example' }), {
    message: /wants the login "robot" for evil\.example, and that login is for reg\.example/,
  });
  const there = await contextWith(t, { owner: { registry: 'reg.example' }, inside: { registry: endpoint } });
  assert.equal(await accountFor(there, registries, { host }), 'inside');
  assert.equal(await accountFor(await contextWith(t, {}), registries, { host }), undefined);
});

test('mirrors, endpoints and insecure hosts of the project reach the client', async (t) => {
  const context = await contextWith(t, {});
  const registries = [
    { name: 'a', host: 'a.example', endpoint: 'a.inside', insecure: true, mirrors: ['m.example'] },
    { name: 'b', host: 'b.example', insecure: false },
  ];
  const options = await createClientOptions(context, flags, registries);
  assert.deepEqual(options.endpoints, { 'a.example': 'a.inside' });
  assert.deepEqual(options.mirrors, { 'a.example': [{ url: 'm.example' }] });
  assert.deepEqual(options.insecure, ['a.example', 'a.inside']);
});

test('a registry with a name that nobody resolves is reached at its endpoint, with a login for it', async (t) => {
  const auth = parsePasswordFile(await formatPasswordLine('robot', 'password of robot'));
  await using registry = await startOneBuildRegistry({ auth });
  const context = await contextWith(t, { robot: { registry: registry.host, purpose: 'push' } });
  const registries = [{ name: 'main', host: 'registry.onebuild.test', endpoint: registry.host }];
  const client = await createClient(context, flags, registries);
  t.after(() => client.close());
  const bytes = Buffer.from(
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
  );
  const place = { registry: 'registry.onebuild.test', repository: 'team/app' };
  await client.pushManifest(place, { bytes, mediaType: 'application/vnd.oci.image.index.v1+json', tag: '1' });
  const { digest } = await client.resolve({ ...place, tag: '1' }, { purpose: 'push' });
  assert.match(digest, /^sha256:/);
  await assert.rejects(client.resolve({ ...place, tag: '1' }), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /registry\.onebuild\.test\/team\/app/,
  });
});
