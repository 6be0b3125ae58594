import type { BuildEvent } from '@onebuild/core';
import type { BuildOptions } from '@onebuild/engine';
import { createRegistryClient } from '@onebuild/registry/client';

/** Everything that a test doesn't care for. */
export function testBuildOptions(
  options: Pick<BuildOptions, 'home' | 'context'> & Partial<BuildOptions>,
): BuildOptions & { readonly events: BuildEvent[] } {
  const events: BuildEvent[] = [];
  return {
    buildArgs: {},
    buildContexts: {},
    platforms: [],
    labels: {},
    annotations: {},
    tags: [],
    secrets: {},
    ssh: {},
    outputs: [],
    noCache: false,
    pull: false,
    network: 'host',
    extraHosts: [],
    limits: {},
    allow: [],
    jobs: 2,
    times: 'auto',
    sandbox: 'auto',
    rootless: false,
    proxy: {},
    checkOnly: false,
    registry: createRegistryClient({}),
    clock: Date.now,
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    version: 'test',
    ...options,
    events,
  };
}
