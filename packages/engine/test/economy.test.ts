import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { BuildEvent } from '@onebuild/core';
import { type BuildOptions, build } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { type RegistryClient } from '@onebuild/registry/client';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { openBusyboxBench } from './busybox-bench.ts';

/** Steps by name with how they ended. */
function stepsOf(events: readonly BuildEvent[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const steps = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'step.started') names.set(event.step, event.name);
    if (event.type === 'step.finished') steps.set(names.get(event.step) ?? '', event.status);
  }
  return steps;
}

const bench = await openBusyboxBench();
const { scratch, host, registry, base } = bench;
after(() => bench.close());

describe('no more work than needed', () => {
  let count = 0;

  const newHome = () => join(scratch, `home-${count++}`);
  async function run(
    text: string,
    files: Readonly<Record<string, string>>,
    options: Partial<BuildOptions> & Pick<BuildOptions, 'home'>,
  ) {
    const context = join(scratch, `context-${count++}`);
    mkdirSync(context);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(context, name), content);
    const all = testBuildOptions({
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text },
      registry,
      ...options,
    });
    const result = await build(all);
    return { result, steps: stepsOf(all.events), events: all.events };
  }

  it('stops where a step that ran again left what it left before', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const text = `FROM ${base} AS builder\nCOPY source /source\nRUN grep -v '^#' /source > /built\nFROM ${base}\nCOPY --from=builder /built /built\nRUN cp /built /final\n`;
    const home = newHome();
    const first = await run(text, { source: 'code\n' }, { home });
    const again = await run(text, { source: '# a comment\ncode\n' }, { home });
    assert.equal(again.steps.get("RUN grep -v '^#' /source > /built"), 'done');
    assert.equal(again.steps.get('RUN cp /built /final'), 'cached');
    assert.equal(again.result.images[0]?.digest, first.result.images[0]?.digest);
    const changed = await run(text, { source: 'other code\n' }, { home });
    assert.equal(changed.steps.get('RUN cp /built /final'), 'done');
  });

  it('runs what two stages share once', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const step = 'RUN echo shared > /shared';
    const text = `FROM ${base} AS a\n${step}\nFROM ${base} AS b\n${step}\nFROM scratch\nCOPY --from=a /shared /a\nCOPY --from=b /shared /b\n`;
    const { events } = await run(text, {}, { home: newHome() });
    const started = events.filter((event) => event.type === 'step.started' && event.name === step);
    assert.equal(started.length, 1);
  });

  it('builds the stages that the target needs, no others', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const text = `FROM ${base} AS needed\nRUN echo 1 > /1\nFROM nowhere.invalid/not/there AS other\nRUN false\nFROM needed AS target\nRUN echo 2 > /2\nFROM other\n`;
    const { steps } = await run(text, {}, { home: newHome(), target: 'target' });
    assert.deepEqual(
      [...steps.keys()].filter((name) => name.startsWith('RUN')),
      ['RUN echo 1 > /1', 'RUN echo 2 > /2'],
    );
  });

  it('never fetches the base of a box without RUN: its layers are mounted in the registry', async () => {
    const home = newHome();
    const name = parseReference(`${host}/box/app:1`);
    const text = `FROM ${base}\nCOPY --link file /app/\nCMD ["/app/file"]\n`;
    const blobs: string[] = [];
    const watched: RegistryClient = {
      ...registry,
      blob(repository, descriptor, options) {
        blobs.push(descriptor.mediaType);
        return registry.blob(repository, descriptor, options);
      },
    };
    const outputs = [{ type: 'push', names: [name] }] as const;
    const { result } = await run(text, { file: 'x' }, { home, outputs, registry: watched });
    assert.deepEqual(
      blobs.filter((type) => /layer/.test(type)),
      [],
      'no layer is fetched',
    );
    assert.deepEqual(readdirSync(join(home, 'layers')), [], 'nothing is unpacked');
    assert.equal((await registry.resolve(name)).digest, result.images[0]?.digest);
    const { sentBytes = 0, reusedBytes = 0 } = result.images[0] ?? {};
    assert.ok(sentBytes < 2000 && reusedBytes > 500_000, `${sentBytes} sent, ${reusedBytes} there`);
  });

  it('lists a base that COPY has to know, and unpacks it only for RUN', async () => {
    const home = newHome();
    await run(`FROM ${base}\nCOPY file /bin/\n`, { file: 'x' }, { home });
    assert.deepEqual(readdirSync(join(home, 'layers')), []);
    assert.ok(readdirSync(join(home, 'index')).length > 0);
    assert.ok(existsSync(join(home, 'cache.db')));
  });
});
