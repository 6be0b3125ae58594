import { test } from 'node:test';
import { findProgram, requireProgram, startDockerRegistry, startOneBuildRegistry } from '@onebuild/testkit';
import { registryClientContract } from './registry-client.contract.ts';

registryClientContract('our own registry', () => startOneBuildRegistry());

if (findProgram('docker-registry') !== undefined) {
  registryClientContract("Debian's docker-registry", () => startDockerRegistry());
} else {
  test("registry client on Debian's docker-registry", (t) => {
    requireProgram(t, 'docker-registry', 'apt-get install docker-registry');
  });
}
