import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { requireBusybox, requireProgram, type Skips } from '@onebuild/testkit';
import { type Gate, startGate } from './gate.ts';
import { mountsBelow, processesLeft, processesWith, processStarted, tempOf } from './leftovers.ts';
import { type Ended, startCommand, succeed } from './start-command.ts';
import { assertTagsAreWhole } from './whole-tags.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const seconds = (at: number) => `${320_000 + at * 10_000 + (process.pid % 10_000)}`;
const complaint = 'error CANCELED: stopped by SIGINT\n';

describe('Ctrl-C', () => {
  let bench: Workbench;
  let gate: Gate;

  before(async () => {
    bench = await openWorkbench();
    gate = await startGate(bench.registry.url);
  });
  after(async () => {
    await gate.close();
    await bench.close();
  });

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  async function assertNothingLeft(home: string, marks: readonly string[]): Promise<void> {
    for (const mark of marks) assert.deepEqual(await processesLeft(mark), []);
    assert.deepEqual(await processesLeft(home), []);
    assert.deepEqual(mountsBelow(home), []);
    assert.deepEqual(tempOf(home), []);
  }

  /** The last thing said, and said once. */
  function assertClear({ code, stderr }: Ended): void {
    assert.equal(code, 130, stderr);
    assert.ok(stderr.endsWith(complaint), stderr);
    assert.equal(stderr.split('error CANCELED').length, 2, stderr);
    assert.doesNotMatch(stderr, /\n\s+at |INTERNAL/);
  }

  it('while a step sleeps, as in its own session, too', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const line = `setsid sleep ${seconds(0)} & sleep ${seconds(1)}`;
    const context = bench.context({ Dockerfile: `FROM ${bench.base}\nRUN ${line}\n` });
    const build = startCommand(['build', '--progress=plain', context], { home });
    await processStarted(`sleep\0${seconds(0)}`);
    await processStarted(`sleep\0${seconds(1)}`);
    build.child.kill('SIGINT');
    assertClear(await build.ended);
    await assertNothingLeft(home, [seconds(0), seconds(1)]);
    // what was stopped is no result
    const again = startCommand(['build', '--progress=plain', context], { home });
    await processStarted(`sleep\0${seconds(1)}`);
    again.child.kill('SIGINT');
    assertClear(await again.ended);
  });

  it('while two steps run side by side, one of which ignores signals', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const context = bench.context({
      Dockerfile: [
        `FROM ${bench.base} AS one`,
        `RUN --mount=type=cache,target=/c,sharing=locked trap '' INT TERM; sleep ${seconds(2)}; sleep ${seconds(2)}`,
        `FROM ${bench.base} AS two`,
        `RUN sleep ${seconds(3)}`,
        `FROM ${bench.base}`,
        'COPY --from=one /bin/sh /one',
        'COPY --from=two /bin/sh /two',
        '',
      ].join('\n'),
    });
    const build = startCommand(['build', '--jobs=2', '--progress=plain', context], { home });
    await processStarted(`sleep\0${seconds(2)}`);
    await processStarted(`sleep\0${seconds(3)}`);
    build.child.kill('SIGINT');
    assertClear(await build.ended);
    await assertNothingLeft(home, [seconds(2), seconds(3)]);
    assert.match((await succeed(['store', 'verify'], { home })).stdout, / 0 damaged$/m);
  });

  for (const [moment, method, path, how] of [
    ['while a base comes in', 'GET', '/base/busybox/blobs/', 'body'],
    ['while a blob is sent', 'POST', '/out/blobs/uploads/', 'answer'],
    ['while the tags move', 'PUT', '/out/manifests/b', 'answer'],
  ] as const) {
    it(moment, async (t) => {
      if (!ready(t)) return;
      const home = bench.home();
      const name = `${gate.host}/${moment.replaceAll(' ', '-')}/out`;
      const Dockerfile = `FROM ${gate.host}/base/busybox:1\nRUN echo ${moment} > /moment\n`;
      const context = bench.context({ Dockerfile });
      const held = gate.hold((...request) =>
        request[0] === method && request[1].includes(path) ? how : undefined,
      );
      const args = ['build', '--progress=json', '-t', `${name}:a`, '-t', `${name}:b`, '--push', context];
      const build = startCommand(args, { home });
      await Promise.race([
        held,
        build.ended.then(({ stderr }) => assert.fail(`nothing was held: ${stderr}`)),
      ]);
      build.child.kill('SIGINT');
      const result = await build.ended;
      gate.open();
      assertClear(result);
      const last = JSON.parse(result.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
      assert.equal(last['type'], 'build.finished');
      assert.equal(last['ok'], false);
      await assertNothingLeft(home, []);
      await assertTagsAreWhole(bench.registry.url, name.slice(gate.host.length + 1));
      await succeed(args, { home });
    });
  }

  it('a second one ends at once, and what is left goes with the next build', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const context = bench.context({ Dockerfile: `FROM ${bench.base}\nRUN sleep ${seconds(4)}\n` });
    const build = startCommand(['build', context], { home });
    await processStarted(`sleep\0${seconds(4)}`);
    build.child.kill('SIGINT');
    build.child.kill('SIGINT');
    assert.equal((await build.ended).code, 130);
    assert.deepEqual(await processesLeft(seconds(4)), []);
    await succeed(['build', bench.context({ Dockerfile: 'FROM scratch\nCOPY . /\n' })], { home });
    await assertNothingLeft(home, [seconds(4)]);
  });

  it('no other process of the machine is taken for one of ours', () => {
    assert.deepEqual(processesWith(seconds(5)), []);
  });
});
