import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { formatPlatform, hostPlatform, parsePlatform, samePlatform } from './platform.ts';

test('every way to write a platform has one form', () => {
  const forms: Readonly<Record<string, string>> = {
    'linux/amd64': 'linux/amd64',
    'linux/x86_64': 'linux/amd64',
    'Linux/X86-64': 'linux/amd64',
    'linux/amd64/v1': 'linux/amd64',
    'linux/amd64/v3': 'linux/amd64/v3',
    'linux/aarch64': 'linux/arm64',
    'linux/arm64/v8': 'linux/arm64',
    'linux/arm64/8': 'linux/arm64',
    'linux/arm64/v9': 'linux/arm64/v9',
    'linux/arm': 'linux/arm/v7',
    'linux/armhf': 'linux/arm/v7',
    'linux/armel': 'linux/arm/v6',
    'linux/arm/6': 'linux/arm/v6',
    'linux/arm/v5': 'linux/arm/v5',
    'linux/i386': 'linux/386',
    'linux/ppc64le': 'linux/ppc64le',
    'macos/arm64': 'darwin/arm64',
    'windows/amd64': 'windows/amd64',
    arm64: 'linux/arm64',
    s390x: 'linux/s390x',
  };
  for (const [text, form] of Object.entries(forms)) {
    const platform = parsePlatform(text);
    assert.equal(formatPlatform(platform), form, text);
    assert.deepEqual(parsePlatform(form), platform);
  }
});

test('an operating system alone needs a host', () => {
  const host = parsePlatform('linux/arm/v6');
  assert.equal(formatPlatform(parsePlatform('linux', host)), 'linux/arm/v6');
  assert.equal(formatPlatform(parsePlatform('local', host)), 'linux/arm/v6');
  assert.throws(
    () => parsePlatform('linux'),
    (error) => isFault(error, 'PLATFORM_INVALID'),
  );
});

test('unknown platforms are refused, with a suggestion', () => {
  for (const text of [
    '',
    '/',
    'linux/',
    'linux/arm64/v8/x',
    'linux/amd46',
    'lunix/amd64',
    'constructor',
    'a b',
  ]) {
    assert.throws(
      () => parsePlatform(text),
      (error) => isFault(error, 'PLATFORM_INVALID'),
      text,
    );
  }
  assert.throws(
    () => parsePlatform('linux/amd46'),
    (error) => isFault(error) && /`amd64`/.test(error.hint),
  );
});

test('platforms are the same however they are written', () => {
  assert.ok(samePlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }, parsePlatform('arm64')));
  assert.ok(!samePlatform(parsePlatform('linux/arm/v6'), parsePlatform('linux/arm/v7')));
  assert.equal(formatPlatform(hostPlatform('x64')), 'linux/amd64');
  assert.equal(formatPlatform(hostPlatform('arm64')), 'linux/arm64');
  assert.equal(formatPlatform(hostPlatform('ia32')), 'linux/386');
});
