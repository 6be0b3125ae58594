import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { matchPlatform } from './match-platform.ts';
import { mediaTypes } from './media-types.ts';
import { formatPlatform, parsePlatform } from './platform.ts';

function describe(platform: string | undefined, annotations?: Record<string, string>): Descriptor {
  const [os = '', architecture = '', variant] = platform?.split('/') ?? [];
  return {
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(platform ?? 'none'),
    size: 2,
    ...(platform !== undefined && { platform: { os, architecture, ...(variant && { variant }) } }),
    ...(annotations && { annotations }),
  };
}

function match(offered: readonly string[], wanted: string): string | undefined {
  const found = matchPlatform(
    offered.map((platform) => describe(platform)),
    parsePlatform(wanted),
  );
  return found?.platform && formatPlatform(found.platform);
}

test('the same platform wins, then the nearest older variant', () => {
  const arms = ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm64/v8'];
  assert.equal(match(arms, 'linux/arm/v7'), 'linux/arm/v7');
  assert.equal(match(arms.slice(0, 2), 'linux/arm/v7'), 'linux/arm/v6');
  assert.equal(match(arms.slice(0, 1), 'linux/arm'), 'linux/arm/v5');
  assert.equal(match(['linux/arm/v7'], 'linux/arm/v6'), undefined);
  assert.equal(match(arms, 'linux/arm64'), 'linux/arm64/v8');
  assert.equal(match(['linux/amd64', 'linux/amd64/v2'], 'linux/amd64/v3'), 'linux/amd64/v2');
  assert.equal(match(['linux/amd64'], 'linux/amd64/v3'), 'linux/amd64');
  assert.equal(match(['linux/amd64/v3'], 'linux/amd64'), undefined);
  assert.equal(match(['windows/amd64', 'unknown/unknown'], 'linux/amd64'), undefined);
});

test('an entry without a platform is the last resort, an attestation none', () => {
  const attestation = describe(undefined, { 'vnd.docker.reference.type': 'attestation-manifest' });
  const plain = describe(undefined);
  assert.equal(matchPlatform([attestation], parsePlatform('amd64')), undefined);
  assert.equal(matchPlatform([attestation, plain], parsePlatform('amd64')), plain);
  const exact = describe('linux/amd64');
  assert.equal(matchPlatform([plain, exact], parsePlatform('amd64')), exact);
});
