import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '@onebuild/core';
import { type BuildOptions, build } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import {
  makeBusyboxRoot,
  type RegistryService,
  requireProgram,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { removeItem } from '../src/store/remove-item.ts';
import { openStore } from '../src/store/store.ts';
import { testBuildOptions } from './build-options.ts';

/** Steps of these tests wait for what the test sees from outside: they ask a server, which answers when it is there. */
const mostMs = 20_000;

describe('what goes on while a RUN runs', () => {
  const scratch = temporaryFolder();
  const context = join(scratch, 'context');
  let service: RegistryService;
  let registry: RegistryClient;
  let gate: Server;
  let url: string;
  let isOpen: () => boolean;
  let count = 0;

  before(async () => {
    mkdirSync(context);
    writeFileSync(join(context, 'file'), 'a file\n');
    service = await startOneBuildRegistry();
    registry = createRegistryClient({});
    for (const name of ['one', 'two', 'three']) await publish(name);
    gate = createServer(async (_message, answer) => {
      for (let ms = 0; ms < mostMs && !isOpen(); ms += 20) await sleep(20);
      answer.writeHead(isOpen() ? 200 : 500).end('yes\n');
    });
    await new Promise<void>((resolve) => {
      gate.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}/`;
  });
  after(async () => {
    gate.closeAllConnections();
    gate.close();
    registry.close();
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** A base whose layer no other one has. */
  async function publish(name: string): Promise<void> {
    const root = join(scratch, name);
    makeBusyboxRoot(root);
    writeFileSync(join(root, 'name'), name);
    const tag = parseReference(`${service.host}/${name}:1`);
    await build(
      testBuildOptions({
        home: join(scratch, 'publisher'),
        context: { type: 'folder', path: root },
        dockerfile: { name: 'Dockerfile', text: 'FROM scratch\nCOPY . /\n' },
        outputs: [{ type: 'push', names: [tag] }],
        registry,
      }),
    );
  }

  const newHome = () => join(scratch, `home-${count++}`);
  const inTemp = (home: string) => readdirSync(join(home, 'tmp'));

  function job(text: string, more: Partial<BuildOptions> & Pick<BuildOptions, 'home'>) {
    return testBuildOptions({
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text },
      registry,
      ...more,
    });
  }

  /** Counts layers that came whole, by the name of their base; those of `held` never come, until somebody breaks off. */
  function watched(held?: string): {
    readonly asked: string[];
    readonly came: string[];
    readonly canceled: string[];
    readonly client: RegistryClient;
  } {
    const asked: string[] = [];
    const came: string[] = [];
    const canceled: string[] = [];
    const client: RegistryClient = {
      ...registry,
      async *blob(repository, descriptor, options) {
        const isLayer = /layer/.test(descriptor.mediaType);
        const { repository: name } = repository;
        if (isLayer) asked.push(name);
        if (isLayer && name === held) {
          const { signal } = options ?? {};
          await new Promise((resolve) => signal?.addEventListener('abort', resolve));
          canceled.push(name);
          throw signal?.reason;
        }
        yield* registry.blob(repository, descriptor, options);
        if (isLayer) came.push(name);
      },
    };
    return { asked, came, canceled, client };
  }

  const from = (name: string) => `FROM ${service.host}/${name}:1`;
  const waiting = () => `RUN wget -q -O /answer ${url}`;

  it('bases of RUN steps that stand on it come, and no others', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const home = newHome();
    const { client, came, asked } = watched();
    let atTwo: string[] | undefined;
    isOpen = () => {
      if (came.includes('two')) atTwo ??= [...asked];
      return atTwo !== undefined;
    };
    // three's step stands on one that has no place as long as the first one runs
    const text = [
      `${from('one')} AS builder\n${waiting()}`,
      `${from('two')} AS box\nCOPY --from=builder /answer /\nRUN cat /name /answer > /both`,
      `${from('one')} AS other\nRUN exit 3`,
      `${from('three')} AS third\nCOPY --from=other /bin/sh /sh\nRUN true`,
      'FROM scratch\nCOPY --from=box /both /\nCOPY --from=third /sh /\n',
    ].join('\n');
    await assert.rejects(build(job(text, { home, registry: client, jobs: 1 })), (error) =>
      isFault(error, 'STEP_FAILED'),
    );
    assert.deepEqual(atTwo?.sort(), ['one', 'two']);
    assert.deepEqual(inTemp(home), []);
  });

  it('what is fetched early is fetched once, and the step finds it', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { client, came } = watched();
    isOpen = () => came.includes('two');
    const text = `${from('one')} AS builder\n${waiting()}\n${from('two')}\nCOPY --from=builder /answer /\nRUN cat /name /answer > /both\n`;
    const dest = join(scratch, `files-${count++}`);
    const outputs = [{ type: 'local', dest }] as const;
    await build(job(text, { home: newHome(), registry: client, outputs }));
    assert.deepEqual(came, ['one', 'two']);
  });

  /** Built once; then the layer of `name` is neither unpacked nor a blob any more. */
  async function homeWithout(name: string, text: string): Promise<string> {
    const home = newHome();
    isOpen = () => true;
    await build(job(text, { home }));
    const { bytes } = await registry.manifest(parseReference(`${service.host}/${name}:1`));
    const manifest = JSON.parse(Buffer.from(bytes).toString()) as { layers: { digest: string }[] };
    const store = await openStore(home, Date.now);
    try {
      const blob = manifest.layers[0]?.digest ?? '';
      const config = await configOf(name);
      for (const item of store.db.items()) {
        const isBlob = item.kind === 'blob' && item.id === blob;
        const isFolder = item.kind === 'layer' && item.id === config.rootfs.diff_ids[0];
        if (isBlob || isFolder) assert.ok(await removeItem(store, item));
      }
      assert.ok(!readdirSync(store.layersDir).includes(config.rootfs.diff_ids[0]?.slice(7) ?? ''));
    } finally {
      await store.close();
    }
    return home;
  }

  async function configOf(name: string): Promise<{ rootfs: { diff_ids: string[] } }> {
    const reference = parseReference(`${service.host}/${name}:1`);
    const { bytes } = await registry.manifest(reference);
    const chunks: Uint8Array[] = [];
    for await (const chunk of registry.blob(reference, JSON.parse(Buffer.from(bytes).toString()).config, {}))
      chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  }

  const filtered = () =>
    `${from('one')} AS builder\nCOPY file /\n${waiting()} && grep -v '^#' /file > /built\n${from('two')}\nCOPY --from=builder /built /\nRUN cp /built /final\n`;

  it('a cached step fetches no base; one that came in vain holds nobody up', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const home = await homeWithout('two', filtered());
    const { client, asked, canceled } = watched('two');
    await build(job(filtered(), { home, registry: client }));
    assert.equal(asked.length, 0, 'nothing runs');
    isOpen = () => asked.includes('two');
    writeFileSync(join(context, 'file'), '# a comment\na file\n');
    const changed = job(filtered(), { home, registry: client });
    await build(changed).finally(() => writeFileSync(join(context, 'file'), 'a file\n'));
    assert.deepEqual(canceled, ['two'], 'the second step was cached after all');
    assert.equal(changed.events.at(-1)?.type, 'build.finished');
    const pulled = changed.events.find(
      (event) => event.type === 'step.started' && /^pull .*two/.test(event.name),
    );
    assert.deepEqual(
      changed.events.flatMap((event) =>
        event.type === 'step.finished' && pulled?.type === 'step.started' && event.step === pulled.step
          ? [event.status]
          : [],
      ),
      ['canceled'],
    );
    assert.deepEqual(inTemp(home), []);
  });

  it('a failure and a cancellation break it off', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    for (const code of ['STEP_FAILED', 'CANCELED'] as const) {
      const home = newHome();
      const { client, asked, canceled } = watched('two');
      const stop = new AbortController();
      isOpen = () => {
        if (!asked.includes('two')) return false;
        if (code === 'CANCELED') stop.abort();
        return true;
      };
      const text = `${from('one')} AS builder\n${waiting()} && exit 3\n${from('two')}\nCOPY --from=builder /answer /\nRUN true\n`;
      await assert.rejects(build(job(text, { home, registry: client, signal: stop.signal })), (error) =>
        isFault(error, code),
      );
      assert.deepEqual(canceled, ['two'], code);
      assert.deepEqual(inTemp(home), [], code);
    }
  });

  const blobsOf = (home: string) => readdirSync(join(home, 'blobs', 'sha256'));

  it('layers of the image are compressed, those of builders never; a failure leaves nothing half done', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const text = (end: string) =>
      `${from('one')} AS builder\nRUN echo built > /built\n${from('two')}\nCOPY --from=builder /built /built\nCOPY file /file\n${waiting()}${end}\n`;
    const home = newHome();
    // the two bases with manifest and config, and the two layers of COPY
    isOpen = () => blobsOf(home).length >= 8;
    await assert.rejects(build(job(text(' && exit 3'), { home })), (error) => isFault(error, 'STEP_FAILED'));
    const early = blobsOf(home);
    assert.equal(early.length, 8);
    assert.deepEqual(inTemp(home), []);
    const { images } = await build(job(text(''), { home }));
    assert.equal(blobsOf(home).length, 9, 'and the layer of the last RUN');
    const plain = newHome();
    isOpen = () => true;
    const dest = join(scratch, `files-${count++}`);
    await build(job(text(''), { home: plain, outputs: [{ type: 'local', dest }] }));
    assert.equal(blobsOf(plain).length, 6, 'files need no blobs');
    const later = await build(job(text(''), { home: plain }));
    assert.equal(later.images[0]?.digest, images[0]?.digest);
    assert.deepEqual(blobsOf(plain).sort(), blobsOf(home).sort());
  });
});
