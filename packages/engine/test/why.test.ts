import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { build, lastBuild, plan } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { openBusyboxBench } from './busybox-bench.ts';

const bench = await openBusyboxBench();
const { scratch, host, registry, base } = bench;
after(() => bench.close());

describe('why a step ran', () => {
  let count = 0;

  /** A project that is built again and again. */
  function project(files: Readonly<Record<string, string>>) {
    const home = join(scratch, `home-${count}`);
    const context = join(scratch, `context-${count++}`);
    const write = (path: string, text: string) => {
      mkdirSync(join(context, path, '..'), { recursive: true });
      writeFileSync(join(context, path), text);
    };
    for (const [path, text] of Object.entries(files)) write(path, text);
    /** Reasons by the names of steps. */
    const whys = async (text: string, noCache = false) => {
      const options = testBuildOptions({
        home,
        context: { type: 'folder', path: context },
        dockerfile: { name: 'Dockerfile', text },
        registry,
        noCache,
      });
      await build(options);
      const names = new Map<string, string>();
      const found: Record<string, string | undefined> = {};
      for (const event of options.events) {
        if (event.type === 'step.started') names.set(event.step, event.name);
        if (event.type !== 'step.finished') continue;
        const name = names.get(event.step) ?? '';
        if (/^(RUN|COPY)/.test(name)) found[name] = event.why;
      }
      return found;
    };
    return { write, whys };
  }

  it('names the first thing that differs from the last build', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { write, whys } = project({ 'src/pkg/types.go': 'one\n', 'src/main.go': 'main\n' });
    const [copy, run] = ['COPY src /src', 'RUN cat /src/pkg/types.go > /built'];
    const text = (from: string, command = run) => `FROM ${from}\nARG MODE=a\n${copy}\n${command}\n`;
    assert.deepEqual(await whys(text(base)), { [copy]: undefined, [run]: undefined }, 'all is new');
    assert.deepEqual(await whys(text(base)), { [copy]: undefined, [run]: undefined });

    write('src/pkg/types.go', 'two\n');
    const changed = 'file src/pkg/types.go changed';
    assert.deepEqual(await whys(text(base)), { [copy]: changed, [run]: `${copy}: ${changed}` });
    write('src/pkg/new.go', 'new\n');
    assert.equal((await whys(text(base)))[copy], 'file src/pkg/new.go is new');

    assert.equal((await whys(text(base, `${run}2`)))[`${run}2`], 'the instruction changed');
    const mode = text(base, `${run}2`).replace('MODE=a', 'MODE=b');
    assert.equal((await whys(mode))[`${run}2`], 'ARG MODE changed from a to b');
    assert.equal((await whys(mode, true))[`${run}2`], 'asked to run anew');
  });

  it('follows files from the stage that made them to what changed there', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { write, whys } = project({ source: 'one\n' });
    const box = 'COPY --from=builder /built /';
    const text = `FROM ${base} AS builder\nCOPY source /\nRUN cat /source > /built\nFROM scratch\n${box}\n`;
    await whys(text);
    write('source', 'two\n');
    assert.equal((await whys(text))[box], 'COPY source /: file source changed');
  });

  it('says from which digest to which a base moved', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { whys } = project({ file: '' });
    const run = 'RUN true > /made';
    await whys(`FROM ${base}\n${run}\n`);
    const other = `${host}/base/other:1`;
    const options = testBuildOptions({
      home: join(scratch, 'other-home'),
      context: { type: 'folder', path: scratch },
      dockerfile: { name: 'Dockerfile', text: `FROM ${base}\nCOPY <<EOF /more\nmore\nEOF\n` },
      outputs: [{ type: 'push', names: [parseReference(other)] }],
      registry,
    });
    await build(options);
    const why = (await whys(`FROM ${other}\n${run}\n`))[run] ?? '';
    assert.equal(why, `base changed from ${base} to ${other}`);
  });

  it('tells before a build which steps would run and why, and after it what they did', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const home = join(scratch, `home-${count}`);
    const { whys } = project({ source: 'one\n', other: 'x\n' });
    const context = { type: 'folder', path: join(scratch, `context-${count - 1}`) } as const;
    const [copy, run] = ['COPY source /', 'RUN cat /source > /built'];
    const text = `FROM ${base} AS builder\n${copy}\n${run}\nFROM scratch\nCOPY --from=builder /built /\n`;
    const planned = async () => {
      const plain = testBuildOptions({ home, context, registry });
      const target = { ...plain, dockerfile: { name: 'Dockerfile', text } };
      const other = { ...target, name: 'b', labels: { a: 'b' } };
      const { steps } = await plan({ ...plain, targets: [{ ...target, name: 'a' }, other] });
      for (const step of steps) assert.deepEqual(step.targets, ['a', 'b'], 'all is shared');
      assert.deepEqual(
        plain.events.filter(({ type }) => type !== 'warning'),
        [],
      );
      return Object.fromEntries(
        steps.filter(({ quiet }) => !quiet).map(({ kind, status, why }) => [kind, why ?? status]),
      );
    };
    assert.equal(await lastBuild(home, Date.now), undefined);
    const first = await planned();
    assert.equal(first['copy'], 'open');
    assert.equal(first['exec'], 'open');
    await whys(text);
    const done = (await lastBuild(home, Date.now))?.steps.find(({ name }) => name === run);
    assert.deepEqual([done?.status, done?.why, done?.line], ['done', undefined, 3]);
    const same = await planned();
    assert.deepEqual([same['exec'], same['copy']], ['cached', 'cached']);
  });
});
