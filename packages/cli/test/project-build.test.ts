import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BuildEvent, BuildReport } from '@onebuild/core';
import { requireBusybox, requireProgram, type Skips } from '@onebuild/testkit';
import { runCommand, succeed } from './start-command.ts';
import { assertTagsAreWhole } from './whole-tags.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

interface Told {
  readonly report: BuildReport;
  /** Names of the RUN steps that ran. */
  readonly ran: readonly string[];
}

describe('builds of several targets', { timeout: 120_000 }, () => {
  let bench: Workbench;

  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  async function build(cwd: string, home: string, args: readonly string[]): Promise<Told> {
    const { stdout } = await succeed(['build', '--progress=json', ...args], { home, cwd });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BuildEvent);
    const names = new Map(
      events.flatMap((event) => (event.type === 'step.started' ? [[event.step, event.name]] : [])),
    );
    const ran = events.flatMap((event) => {
      const name =
        event.type === 'step.finished' && event.status === 'done' ? names.get(event.step) : undefined;
      return name?.startsWith('RUN') === true ? [name] : [];
    });
    const end = events.at(-1);
    assert.ok(end?.type === 'build.finished' && end.report !== undefined);
    return { report: end.report, ran };
  }

  async function fails(cwd: string, args: readonly string[]): Promise<string> {
    const { code, stderr } = await runCommand(['build', ...args], { home: bench.home(), cwd });
    assert.notEqual(code, 0);
    assert.doesNotMatch(stderr, /^\s+at /m);
    return stderr;
  }

  /** A component with three variants; two of them copy what the first has compiled. */
  function variants(word: string): string {
    const cwd = bench.context({ 'source.txt': word });
    const helper = `team-${basename(cwd)}-helper:latest`;
    writeFileSync(
      join(cwd, 'Dockerfile'),
      `FROM ${bench.base} AS builder\nCOPY source.txt /\nRUN sleep 0.3 && cat /source.txt > /manager\nFROM ${bench.base}\nCOPY --from=builder /manager /\n`,
    );
    for (const name of ['kylinv10', 'oel22'])
      writeFileSync(
        join(cwd, `Dockerfile.${name}`),
        `FROM ${bench.base}\nENV ON=${name}\nCOPY --from=${helper} /manager /\nRUN cat /manager > /${name}\n`,
      );
    return cwd;
  }

  it('by convention: all variants from one graph, compiled once, named after them; again nothing is sent', async (t) => {
    if (!ready(t)) return;
    const cwd = variants('hello');
    const name = basename(cwd);
    const home = bench.home();
    const repository = `ops/${name}`;
    const args = ['-t', `${bench.registry.host}/${repository}:1.0`, '--push'];
    const first = await build(cwd, home, args);
    assert.deepEqual(first.ran.toSorted(), [
      'RUN cat /manager > /kylinv10',
      'RUN cat /manager > /oel22',
      'RUN sleep 0.3 && cat /source.txt > /manager',
    ]);
    assert.deepEqual(
      first.report.boxes.map(({ target }) => target),
      [`${name}.standard`, `${name}.kylinv10`, `${name}.oel22`],
    );
    assert.ok(first.report.separateMs - first.report.ms >= 600, JSON.stringify(first.report));
    const digests = new Set<string>();
    for (const suffix of ['', '-kylinv10', '-oel22']) {
      const tags = await assertTagsAreWhole(bench.registry.url, repository + suffix);
      assert.deepEqual(Object.keys(tags), ['1.0']);
      digests.add(tags['1.0'] ?? '');
    }
    assert.equal(digests.size, 3);
    const [, second, third] = first.report.boxes;
    // their own layer is tiny; the base and the program were sent for the first box
    assert.ok(
      (second?.sentBytes ?? 0) < 5000 && (third?.sentBytes ?? 0) < 5000,
      JSON.stringify(first.report),
    );
    const again = await build(cwd, home, args);
    assert.deepEqual([again.ran, again.report.boxes.map(({ sentBytes }) => sentBytes)], [[], [0, 0, 0]]);
    assert.deepEqual(
      again.report.boxes.map(({ digest }) => digest),
      first.report.boxes.map(({ digest }) => digest),
    );
  });

  it('the same helper name in two builds at once means each its own', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const binds = (cwd: string) => ['--bind', `team-${basename(cwd)}-helper=standard`];
    const folders = [variants('one'), variants('two')];
    const [a = '', b = ''] = folders;
    const same = readFileSync(join(a, 'Dockerfile.kylinv10'), 'utf8');
    writeFileSync(join(b, 'Dockerfile.kylinv10'), same);
    const outs = folders.map((cwd) => join(cwd, 'out'));
    await Promise.all(
      folders.map((cwd, at) => build(cwd, home, ['kylinv10', ...binds(a), '-o', outs[at] ?? ''])),
    );
    assert.deepEqual(
      outs.map((out) => readFileSync(join(out, 'kylinv10'), 'utf8')),
      ['one', 'two'],
    );
  });

  it('by file: names, parts that others need stay unpublished, one file for both registries', async (t) => {
    if (!ready(t)) return;
    const cwd = variants('file');
    const helper = `team-${basename(cwd)}-helper:latest`;
    writeFileSync(
      join(cwd, 'onebuild.yaml'),
      `app: etcd
version: 2
registries: { main: { host: "${bench.registry.host}" } }
components:
  helper:
    variants:
      standard:
      kylinv10: { dockerfile: Dockerfile.kylinv10, bind: { "${helper}": standard/builder } }
    images: [ "main/a/\${component}-\${variant}:\${version}", "main/b/\${variant}:\${version}" ]
`,
    );
    const { report } = await build(cwd, bench.home(), ['kylinv10', '--push']);
    assert.deepEqual(
      report.boxes.map(({ target }) => target),
      ['helper.kylinv10'],
    );
    const digests = await Promise.all(
      ['a/helper-kylinv10', 'b/kylinv10'].map((name) => assertTagsAreWhole(bench.registry.url, name)),
    );
    assert.deepEqual(digests, [{ 2: report.boxes[0]?.digest }, { 2: report.boxes[0]?.digest }]);
    assert.deepEqual(await assertTagsAreWhole(bench.registry.url, 'a/helper-standard'), {});
  });

  it('an image that is not there and may have been meant for a variant: the hint can be followed', async () => {
    const cwd = bench.context({
      Dockerfile: 'FROM scratch\nCOPY x /manager\n',
      'Dockerfile.k': 'FROM scratch\nCOPY --from=made:latest /manager /\n',
      x: 'x',
    });
    const mirror = ['--mirror', `docker.io=${bench.registry.url}`];
    const message = await fails(cwd, mirror);
    const [, flag = ''] = /bind the name to it: (--bind \S+),/.exec(message) ?? [];
    assert.equal(flag, `--bind made:latest=${basename(cwd)}.standard`);
    assert.equal((await build(cwd, bench.home(), flag.split(' '))).report.boxes.length, 2);
  });

  it('names are targets, groups or folders; what is neither is said so', async () => {
    const cwd = bench.context({
      'docker-bake.hcl':
        'group "all" { targets = ["a", "b"] }\ntarget "a" { context = "x" }\ntarget "b" { context = "x" }\n',
      'x/Dockerfile': 'FROM scratch\nCOPY Dockerfile /\n',
    });
    const targets = async (...args: string[]) =>
      (await build(cwd, bench.home(), args)).report.boxes.map(({ target }) => target);
    assert.deepEqual(await targets('all'), ['a', 'b']);
    assert.deepEqual(await targets('b'), ['b']);
    assert.deepEqual(await targets('x'), [undefined]);
    assert.deepEqual(await targets('./x'), [undefined]);
    assert.deepEqual(await targets('--set', 'b.tags=localhost/n:1', 'b'), ['b']);
    assert.match(await fails(cwd, []), /TARGET_NOT_FOUND.*docker-bake\.hcl has no target or group "default"/);
    assert.match(await fails(cwd, ['c']), /TARGET_NOT_FOUND/);
    assert.match(
      await fails(cwd, ['all', '-t', 'localhost/n:1']),
      /USAGE: -t localhost\/n:1 would be the name of 2 images/,
    );
    assert.match(await fails(cwd, ['all', '--iidfile', 'id']), /USAGE: --iidfile/);
    assert.match(
      await fails(cwd, ['all', '-o', 'type=oci,dest=o.tar']),
      /PROJECT_INVALID: a and b both have the output/,
    );
    assert.match(await fails(cwd, ['-f', 'x/Dockerfile', '--bind', 'a=b']), /USAGE: --ref and --bind/);
    assert.match(await fails(cwd, ['./x', './x']), /USAGE: there is one context/);
    mkdirSync(join(cwd, 'out'));
    await build(cwd, bench.home(), [
      'all',
      '-o',
      'type=oci,dest=out/${target}.tar',
      '-t',
      'localhost/${target}:1',
    ]);
    for (const name of ['a', 'b']) assert.ok(readFileSync(join(cwd, `out/${name}.tar`)).length > 0);
  });
});
