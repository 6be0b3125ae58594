import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { requireBusybox, requireProgram } from '@onebuild/testkit';
import { type Gate, startGate } from './gate.ts';
import { mountsBelow, processesLeft, processStarted, tempOf } from './leftovers.ts';
import { type Started, startCommand, succeed } from './start-command.ts';
import { assertTagsAreWhole } from './whole-tags.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const seconds = `${310_000 + (process.pid % 10_000)}`;

/** `$WAIT` is a proxy's variable to the engine: it changes what the step does, and neither its key nor the image. */
const dockerfile = (base: string) => `FROM ${base} AS tools
RUN seq 40000 > /numbers
FROM ${base}
COPY files /files
COPY --from=tools /numbers /numbers
RUN [ -z "$no_proxy" ] || sleep "$no_proxy"; mkdir /made && cp -a /files /numbers /made/ && rm -r /files
`;

describe('kill -9 of a build', () => {
  let bench: Workbench;
  let gate: Gate;
  let context: string;
  let undisturbed: string;

  before(async () => {
    bench = await openWorkbench();
    gate = await startGate(bench.registry.url);
    const files = Array.from({ length: 60 }, (_, at) => [`files/${at % 7}/${at}`, `${at}\n`.repeat(500)]);
    context = bench.context({
      Dockerfile: dockerfile(`${gate.host}/base/busybox:1`),
      ...(Object.fromEntries(files) as Record<string, string>),
    });
    undisturbed = await push(bench.home(), 'quiet');
  });
  after(async () => {
    await gate.close();
    await bench.close();
  });

  const args = (repository: string) => [
    'build',
    '--progress=plain',
    '-t',
    `${gate.host}/${repository}:a`,
    '-t',
    `${gate.host}/${repository}:b`,
    '--push',
    context,
  ];

  /** Builds and pushes undisturbed; gives the digest that both tags have. */
  async function push(home: string, repository: string): Promise<string> {
    await succeed(args(repository), { home });
    const { a, b } = await assertTagsAreWhole(bench.registry.url, repository);
    assert.ok(a);
    assert.equal(a, b);
    return a;
  }

  async function kill({ child, ended }: Started): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  /** All that has to hold once a build was killed. */
  async function assertSound(home: string, repository: string): Promise<void> {
    assert.deepEqual(await processesLeft(home), []);
    assert.deepEqual(await processesLeft(seconds), []);
    assert.deepEqual(mountsBelow(home), []);
    await assertTagsAreWhole(bench.registry.url, repository);
    assert.equal(await push(home, repository), undisturbed);
    assert.deepEqual(tempOf(home), []);
    const { stdout } = await succeed(['store', 'verify'], { home });
    assert.match(stdout, /^\d+ items checked, 0 damaged$/m);
  }

  it('while a step runs', async (t) => {
    if (!requireBusybox(t) || !requireProgram(t, 'crun', 'apt-get install crun')) return;
    const home = bench.home();
    const build = startCommand(args('run'), { home, env: { no_proxy: seconds } });
    await processStarted(seconds);
    assert.equal(tempOf(home).length, 1);
    await kill(build);
    assert.equal(tempOf(home).length, 1, 'the folder of the killed build');
    await assertSound(home, 'run');
  });

  const moments = {
    'while a base comes in': (method: string, path: string) =>
      method === 'GET' && path.includes('/base/busybox/blobs/') ? 'body' : undefined,
    'while a blob is sent': (method: string, path: string) =>
      /^(?:PUT|PATCH|POST)$/.test(method) && path.includes('/blobs/uploads/') ? 'request' : undefined,
    'between blobs and manifest': (method: string, path: string) =>
      method === 'PUT' && path.includes('/manifests/sha256:') ? 'request' : undefined,
    'between manifest and tags': (method: string, path: string) =>
      method === 'PUT' && path.endsWith('/manifests/a') ? 'request' : undefined,
  } as const;
  for (const [moment, decide] of Object.entries(moments)) {
    it(moment, async (t) => {
      if (!requireBusybox(t) || !requireProgram(t, 'crun', 'apt-get install crun')) return;
      const home = bench.home();
      const repository = moment.replaceAll(' ', '-');
      const held = gate.hold(decide);
      const build = startCommand(args(repository), { home });
      await Promise.race([
        held,
        build.ended.then(({ stderr }) => assert.fail(`nothing was held: ${stderr}`)),
      ]);
      await kill(build);
      gate.open();
      await assertSound(home, repository);
    });
  }
});
