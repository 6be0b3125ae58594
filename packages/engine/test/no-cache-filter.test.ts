import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type BuildOptions, build } from '@onebuild/engine';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import {
  type RegistryService,
  requireProgram,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { publishBusybox } from './publish-busybox.ts';

describe('what is asked to run again', () => {
  const scratch = temporaryFolder();
  let service: RegistryService;
  let registry: RegistryClient;
  let base: string;

  before(async () => {
    service = await startOneBuildRegistry();
    registry = createRegistryClient({});
    base = await publishBusybox(service.host, scratch);
  });
  after(async () => {
    registry.close();
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('is a stage, or the instructions of a text, and nothing else', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const context = join(scratch, 'context');
    mkdirSync(context);
    const text = [
      `FROM ${base} AS tools`,
      'RUN echo tool > /tool',
      `FROM ${base}`,
      'RUN --network=none echo list > /list && \\',
      '    echo more',
      'COPY --from=tools /tool /tool',
      'RUN echo last',
    ].join('\n');
    const ran = async (noCache: BuildOptions['noCache']) => {
      const options = testBuildOptions({
        home: join(scratch, 'home'),
        context: { type: 'folder', path: context },
        dockerfile: { name: 'Dockerfile', text },
        registry,
        noCache,
      });
      await build(options);
      const names = new Map(
        options.events.flatMap((event) => (event.type === 'step.started' ? [[event.step, event.name]] : [])),
      );
      return options.events
        .flatMap((event) =>
          event.type === 'step.finished' && event.status === 'done' ? (names.get(event.step) ?? []) : [],
        )
        .filter((name) => name.startsWith('RUN'))
        .map((name) => name.split(/\s+/).slice(0, 4).join(' '))
        .toSorted();
    };
    const [tool, list, last] = ['RUN echo tool >', 'RUN --network=none echo list', 'RUN echo last'];
    assert.deepEqual(await ran(false), [list, last, tool].toSorted(), 'all is new');
    assert.deepEqual(await ran(false), []);
    assert.deepEqual(await ran({ stages: ['tools'] }), [tool]);
    assert.deepEqual(await ran({ stages: [], steps: ['RUN * echo list*more'] }), [list]);
    assert.deepEqual(await ran({ stages: ['tools'], steps: ['RUN echo last'] }), [last, tool]);
    assert.deepEqual(await ran({ stages: [], steps: ['echo last', 'RUN echo las'] }), []);
  });
});
