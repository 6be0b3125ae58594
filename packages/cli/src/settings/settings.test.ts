import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { findDockerConfig, findOwnAuthFile } from './find-auth-sources.ts';
import { chooseLayerTimes } from './layer-times.ts';
import { findProxies, findProxyVariables } from './proxy.ts';
import { findEndpoints, findMirrors } from './registry-addresses.ts';
import { findStoreHome } from './store-home.ts';
import { wantsColours } from './wants-colours.ts';

test("the store's folder", () => {
  const find = (env: Record<string, string>, uid = 1000, flag?: string) =>
    findStoreHome({ env, cwd: '/w', uid }, flag);
  assert.equal(find({ HOME: '/home/me' }), '/home/me/.local/share/onebuild');
  assert.equal(find({ HOME: '/home/me', XDG_DATA_HOME: '/data' }), '/data/onebuild');
  assert.equal(find({ HOME: '/root' }, 0), '/var/lib/onebuild');
  assert.equal(find({ ONEBUILD_HOME: 'rel' }, 0), '/w/rel');
  assert.equal(find({ ONEBUILD_HOME: '/a' }, 0, '/b'), '/b');
  assert.throws(
    () => find({}),
    (error) => isFault(error, 'USAGE'),
  );
});

test('times come from the flag, then from SOURCE_DATE_EPOCH', () => {
  assert.equal(chooseLayerTimes(undefined, undefined), 'auto');
  assert.equal(chooseLayerTimes(undefined, '1700000000'), 1_700_000_000);
  assert.equal(chooseLayerTimes('preserve', '1700000000'), 'preserve');
  assert.equal(chooseLayerTimes('0', undefined), 0);
  for (const text of ['yesterday', '-1', '1.5']) {
    assert.throws(
      () => chooseLayerTimes(text, undefined),
      (error) => isFault(error, 'USAGE'),
    );
    assert.throws(
      () => chooseLayerTimes(undefined, text),
      (error) => isFault(error, 'USAGE'),
    );
  }
});

test('proxies', () => {
  const env = { HTTP_PROXY: 'http://a', https_proxy: 'http://b', HTTPS_PROXY: 'http://c', NO_PROXY: 'x' };
  assert.deepEqual(findProxies(env), { http: 'http://a', https: 'http://b', no: 'x' });
  assert.deepEqual(findProxyVariables({ ...env, OTHER: '1', FTP_PROXY: '' }), env);
});

test('mirrors and config.json', () => {
  assert.deepEqual(findMirrors(['docker.io=https://a', 'docker.io=https://b', 'x:1=c']), {
    'docker.io': [{ url: 'https://a' }, { url: 'https://b' }],
    'x:1': [{ url: 'c' }],
  });
  assert.throws(
    () => findMirrors(['docker.io']),
    (error) => isFault(error, 'USAGE'),
  );
  assert.equal(findDockerConfig({ env: { DOCKER_CONFIG: '/d', HOME: '/h' }, cwd: '/' }), '/d/config.json');
  assert.equal(findDockerConfig({ env: { HOME: '/h' }, cwd: '/' }), '/h/.docker/config.json');
  assert.equal(findDockerConfig({ env: {}, cwd: '/' }), undefined);
});

test('our own file of logins', () => {
  const find = (env: Record<string, string>) => findOwnAuthFile({ env, cwd: '/w' });
  assert.equal(find({ HOME: '/h' }), '/h/.config/onebuild/auth.json');
  assert.equal(find({ HOME: '/h', XDG_CONFIG_HOME: '/x' }), '/x/onebuild/auth.json');
  assert.equal(find({ HOME: '/h', ONEBUILD_CONFIG: 'c' }), '/w/c/auth.json');
  assert.equal(find({}), undefined);
});

test('endpoints: the flag before the variable before the project file, which is not trusted with logins', () => {
  const registries = [
    { name: 'main', host: 'a.example', endpoint: 'a.inside' },
    { name: 'two', host: 'b.example', endpoint: 'b.inside', mirrors: ['m.example'] },
    { name: 'three', host: 'c.example', endpoint: 'c.inside:5000' },
  ];
  const env = { ONEBUILD_REGISTRY_ENDPOINT: 'a.example=env.inside, b.example=http://env.inside:1/x' };
  assert.deepEqual(findEndpoints(['a.example=flag.inside'], { env }, registries), {
    all: { 'a.example': 'flag.inside', 'b.example': 'http://env.inside:1/x', 'c.example': 'c.inside:5000' },
    unapproved: new Map([['c.example', 'c.inside:5000']]),
  });
  assert.deepEqual(findMirrors(['b.example=first'], registries), {
    'b.example': [{ url: 'first' }, { url: 'm.example' }],
  });
  for (const text of ['a.example', 'a.example=', '=x', 'a/b=c', 'a=https://me:sesame@x']) {
    assert.throws(
      () => findEndpoints([text], { env: {} }, []),
      (error) => isFault(error, 'USAGE') && !error.message.includes('sesame'),
    );
  }
  const twice = [...registries, { name: 'again', host: 'a.example', endpoint: 'other.inside' }];
  assert.throws(
    () => findEndpoints([], { env: {} }, twice),
    (error) => isFault(error, 'PROJECT_INVALID'),
  );
});

test('colours', () => {
  assert.equal(wantsColours({}, { isTTY: true }), true);
  assert.equal(wantsColours({ NO_COLOR: '1' }, { isTTY: true }), false);
  assert.equal(wantsColours({ TERM: 'dumb' }, { isTTY: true }), false);
  assert.equal(wantsColours({}, {}), false);
  assert.equal(wantsColours({ FORCE_COLOR: '1' }, {}), true);
});
