import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { resolveExposedPorts } from './ports.ts';

test('ports, protocols and ranges', () => {
  assert.deepEqual(resolveExposedPorts(['80', '53/UDP', '1-3/sctp', '80/tcp', '7/']), [
    '80/tcp',
    '53/udp',
    '1/sctp',
    '2/sctp',
    '3/sctp',
    '7/tcp',
  ]);
  assert.deepEqual(resolveExposedPorts(['127.0.0.1:8080:80', '8081:81', '[::1]:1-2:3-4', '5000-6000:9']), [
    '80/tcp',
    '81/tcp',
    '3/tcp',
    '4/tcp',
    '9/tcp',
  ]);
  assert.equal(resolveExposedPorts(['0-65535', '0-65535/tcp']).length, 65_536);
});

test('everything else is refused', () => {
  for (const port of [
    '',
    'x',
    '-1',
    '65536',
    '80/icmp',
    '/tcp',
    '90-80',
    '1-',
    '-2',
    '1-2-3',
    'host:1:2',
    '1-2:3-5',
    '1.5',
    ' 80',
  ]) {
    assert.throws(
      () => resolveExposedPorts([port]),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION'),
      port,
    );
  }
});
