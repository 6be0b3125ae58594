import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { requireProgram } from '@onebuild/testkit';
import { runCommand, succeed } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

describe('plan and explain, with builds', () => {
  let bench: Workbench;

  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  /** Three variants that share a builder; each with a file of its own. */
  function variants() {
    const text = (variant: string) =>
      [
        `FROM ${bench.base} AS builder`,
        'ARG VERSION=1',
        'COPY src /src',
        'RUN cat /src/* > /out',
        `FROM ${bench.base}`,
        `COPY ${variant} /etc/`,
        'COPY --from=builder /out /bin/app',
        '',
      ].join('\n');
    const cwd = bench.context({
      Dockerfile: text('standard'),
      'Dockerfile.kylinv10': text('kylinv10'),
      'Dockerfile.oel22': text('oel22'),
      standard: 's',
      kylinv10: 'k',
      oel22: 'o',
      'src/a': '1',
      'src/b': '1',
    });
    const options = { home: bench.home(), cwd };
    const stdout = async (...args: readonly string[]) => (await succeed(args, options)).stdout;
    return { cwd, options, stdout };
  }

  it('a plan runs nothing, and what a build then does agrees with it', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { cwd, options, stdout } = variants();
    const first = await stdout('plan');
    assert.match(first, /^stage builder, shared by all 3 boxes$/m);
    assert.match(first, /● +\d+ COPY src \/src - never built here$/m);
    assert.equal(await stdout('plan'), first, 'nothing was done');
    await succeed(['build'], options);
    assert.match(await stdout('plan'), /^9 steps for 3 boxes: 9 cached, 0 to run; 3 shared/m);

    writeFileSync(join(cwd, 'src/a'), '2');
    const changed = await stdout('plan');
    assert.match(changed, /● \d COPY src \/src - file src\/a changed$/m);
    assert.match(changed, /○ (\d) RUN cat \/src\/\* > \/out - after \d; about \d+\.\ds$/m);
    assert.match(changed, /9 steps for 3 boxes: 4 cached, 5 to run; 3 shared by several boxes\nabout /);
    const one = await stdout('plan', 'kylinv10', '-t', 'a:1', '--push');
    assert.match(one, /^5 steps for 1 box: 2 cached, 3 to run$/m);

    const json = JSON.parse(await stdout('plan', '--format', 'json')) as {
      readonly boxes: readonly { readonly platform: string }[];
      readonly steps: readonly { readonly name: string; readonly status: string; readonly line?: number }[];
      readonly totals: { readonly steps: number };
    };
    assert.equal(json.boxes.length, 3);
    assert.deepEqual(
      [json.totals.steps, json.steps.find(({ name }) => name.startsWith('COPY src'))?.line],
      [9, 3],
    );
    assert.match(await stdout('plan', '--format', 'dot'), /^digraph plan \{\n[^]*\n\}\n$/);
    assert.match(await stdout('plan', '--format', 'mermaid'), /^flowchart TB\n/);

    const { stderr } = await succeed(['build', '--progress', 'plain'], options);
    const number = /^#(\d+) \[.*\] RUN cat/m.exec(stderr)?.[1] ?? '';
    const told = /^ {3}ran for \d+\.\ds: COPY src \/src: file src\/a changed$/m;
    for (const name of [number, `#${number}`, 'RUN cat', 'run CAT', 'Dockerfile:4']) {
      assert.match(await stdout('explain', name), told, name);
    }
    assert.match(await stdout('explain', 'RUN', 'cat'), told, 'words without quotes');
    const target = `${basename(cwd)}.kylinv10`;
    const own = await stdout('explain', target);
    assert.match(own, /COPY kylinv10 \/etc\/\n {3}Dockerfile\.kylinv10:6, for [^]*RUN cat/);
    assert.doesNotMatch(own, /oel22/);
    assert.match(await stdout('explain', 'builder'), /COPY src[^]*RUN cat/);
    assert.match(
      await stdout('explain'),
      /ran .* RUN cat \/src\/\* > \/out +COPY src \/src: file src\/a changed$/m,
    );
  });

  it('a plan tells what will fail', async () => {
    const cwd = bench.context({ Dockerfile: 'FROM scratch\nCOPY nothing /\n' });
    const { stdout } = await succeed(['plan', '.'], { home: bench.home(), cwd });
    assert.match(stdout, /● 1 COPY nothing \/ - it will fail: .*nothing/);
  });

  it('reasons of a command line: arguments, no cache, another platform, a base that moved', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const moving = `${bench.registry.host}/base/moving:1`;
    const publish = (text: string) =>
      succeed(['build', '--push', '-t', moving, '-f', '-', bench.context({})], {
        home: bench.home(),
        input: `FROM ${bench.base}\nCOPY <<EOF /file\n${text}\nEOF\n`,
      });
    await publish('1');
    const cwd = bench.context({
      Dockerfile: `FROM ${moving}\nARG VERSION=1\nRUN --mount=type=secret,id=s echo "$VERSION" > /out\n`,
    });
    const options = { home: bench.home(), cwd };
    const secret = join(bench.scratch, 'a-secret');
    writeFileSync(secret, 'first-secret');
    const why = async (...flags: readonly string[]) => {
      await succeed(['build', '--secret', `id=s,src=${secret}`, ...flags, '.'], options);
      const { stdout } = await succeed(['explain', '--format', 'json', 'RUN'], options);
      const { steps } = JSON.parse(stdout) as { steps: { status: string; why?: string }[] };
      return `${steps[0]?.status}: ${steps[0]?.why ?? ''}`;
    };
    assert.equal(await why(), 'done: ');
    assert.equal(await why('--build-arg', 'VERSION=2'), 'done: ARG VERSION changed from 1 to 2');
    assert.equal(await why('--build-arg', 'VERSION=1'), 'cached: ', 'back again');
    writeFileSync(secret, 'second-secret');
    assert.equal(await why(), 'cached: ', 'a secret is no reason');
    assert.equal(await why('--no-cache'), 'done: asked to run anew');
    await publish('2');
    assert.match(await why(), /^done: base moved from sha256:[0-9a-f]{12} to sha256:[0-9a-f]{12}$/);
    await succeed(['store', 'gc'], options);
    assert.equal(await why(), 'done: its result is not in the store any more');
  });

  it('the last build is that of the folder, and --last goes further back', async () => {
    const home = bench.home();
    const [one, two] = [1, 2].map((n) =>
      bench.context({ Dockerfile: `FROM scratch\nCOPY f${n} /\n`, [`f${n}`]: '' }),
    );
    const at = (cwd: string | undefined) => ({ home, cwd: cwd ?? '/' });
    await succeed(['build', '.'], at(one));
    await succeed(['build', '.'], at(two));
    assert.match((await succeed(['explain'], at(one))).stdout, /COPY f1/);
    assert.match((await succeed(['explain'], at('/'))).stdout, /COPY f2/);
    assert.match((await succeed(['explain', '--last', '2'], at('/'))).stdout, /COPY f1/);
    const none = await runCommand(['explain', '--last', '3'], at('/'));
    assert.match(none.stderr, /^error USAGE: there are no 3 builds to look back at\n/);
  });

  it('codes and rules are explained without a store, and none is made', async () => {
    const options = { home: bench.home() };
    assert.match((await succeed(['explain', 'STEP_FAILED'], options)).stdout, /^STEP_FAILED: /);
    assert.match(
      (await succeed(['explain', 'UnpinnedBase'], options)).stdout,
      /docs\/lint\/UnpinnedBase\.md\n$/,
    );
    assert.match((await succeed(['explain', 'unpinnedbase'], options)).stdout, /^UnpinnedBase: /);
    assert.match((await succeed(['help', 'UnpinnedBase'], options)).stdout, /^UnpinnedBase: /);
    const json = JSON.parse(
      (await succeed(['explain', '--format', 'json', 'USAGE'], options)).stdout,
    ) as object;
    assert.deepEqual(Object.keys(json).slice(0, 3), ['code', 'kind', 'exitCode']);
    const nothing = await runCommand(['explain'], options);
    assert.deepEqual(
      [nothing.code, nothing.stderr.split('\n')[0]],
      [2, 'error USAGE: nothing was built here yet'],
    );
    const wrong = await runCommand(['explain', 'UnpinedBase'], options);
    assert.match(wrong.stderr, /Did you mean UnpinnedBase\?/);
    assert.equal(existsSync(options.home), false);
  });

  it('a code goes before a step of its name, a step before a code in other letters', async () => {
    const cwd = bench.context({ Dockerfile: 'FROM scratch AS usage\nCOPY USAGE /\n', USAGE: '' });
    const options = { home: bench.home(), cwd };
    await succeed(['build', '.'], options);
    assert.match((await succeed(['explain', 'USAGE'], options)).stdout, /^USAGE: /);
    assert.match((await succeed(['explain', 'usage'], options)).stdout, /^Build of [^]*COPY USAGE/);
    rmSync(cwd, { recursive: true });
    assert.match((await succeed(['explain', 'usage'], { ...options, cwd: '/' })).stdout, /COPY USAGE/);
  });
});
