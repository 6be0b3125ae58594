import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLogin } from './check-login.ts';
import type { Credential } from './credentials/credential-source.ts';
import { sendError, startScriptedServer } from './testing/scripted-server.ts';

const right: Credential = { type: 'password', username: 'ann', password: 'right one' };

test('a login is taken or refused by the registry', async () => {
  await using server = await startScriptedServer((request, response) => {
    const expected = `Basic ${Buffer.from('ann:right one').toString('base64')}`;
    if (request.headers.authorization === expected) return void response.end('{}');
    response.setHeader('www-authenticate', 'Basic realm="x"');
    sendError(response, 401, 'UNAUTHORIZED');
  });
  const check = (credential: Credential | undefined) =>
    checkLogin(server.host, { credentials: () => Promise.resolve(credential) });
  await check(right);
  await assert.rejects(check({ ...right, password: 'wrong one' }), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /does not accept the credentials/,
  });
  await assert.rejects(check(undefined), { code: 'REGISTRY_UNAUTHORIZED' });
});

test('a web server is no registry', async () => {
  await using server = await startScriptedServer((_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>');
  });
  await assert.rejects(checkLogin(server.host, {}), { code: 'REGISTRY_PROTOCOL', message: /web page/ });
});
