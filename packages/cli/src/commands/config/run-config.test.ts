import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { requireProgram, temporaryFolder } from '@onebuild/testkit';
import type { CliContext } from '../../cli-context.ts';
import type { ConfigFlags } from './define-config.ts';
import { runConfig } from './run-config.ts';

const scratch = temporaryFolder();
after(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;

function folder(files: Readonly<Record<string, string>>): string {
  const path = join(scratch, `shop-${count++}`);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

async function config(
  cwd: string,
  names: readonly string[],
  flags: Partial<ConfigFlags> = {},
  env: CliContext['env'] = {},
): Promise<string> {
  const stdout = new PassThrough();
  const context: CliContext = {
    env: { PATH: '/usr/bin:/bin', GIT_CEILING_DIRECTORIES: scratch, ...env },
    cwd,
    uid: 0,
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    signal: new AbortController().signal,
    clock: () => 0,
    version: '1',
    self: [],
    args: [],
    exitCode: 0,
  };
  await runConfig(context, names, { format: 'json', file: [], buildArg: [], bind: [], set: [], ...flags });
  return String(stdout.read() ?? '');
}

interface Described {
  readonly files: readonly string[];
  readonly targets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const component = (settings: string): string => `components: { web: { ${settings} } }`;

describe('onebuild config', () => {
  it('shows the file of the folder, or the one that is named, resolved', async () => {
    const cwd = folder({ 'onebuild.yaml': component('images: "r.io/web:${env.V}", args: { A: "1" }') });
    const printed = JSON.parse(await config(cwd, [], { buildArg: ['A=2'] }, { V: '7' })) as Described;
    assert.deepEqual(printed.targets['web'], {
      context: '.',
      args: { A: '2' },
      tags: ['r.io/web:7'],
      component: 'web',
      writtenAt: 'onebuild.yaml:1',
    });
    const other = await config(scratch, [], { file: [cwd] }, { V: '7' });
    assert.match(other, /"tags": \[\n\s+"r\.io\/web:7"/);
    assert.match(await config(cwd, [], { format: 'yaml' }, { V: '7' }), /\n {4}tags:\n {6}- r\.io\/web:7\n/);
  });

  it('shows what the convention makes of Dockerfiles', async () => {
    const cwd = folder({
      Dockerfile: 'FROM a',
      'Dockerfile.k': 'FROM b\nCOPY --from=tool /x /',
      'Dockerfile.d/x': '',
    });
    const printed = JSON.parse(await config(cwd, ['k'], { bind: ['tool=standard'] })) as Described;
    const [standard, kylin] = Object.entries(printed.targets);
    assert.deepEqual(kylin?.[1]['binds'], { tool: { target: standard?.[0] } });
    assert.deepEqual(printed.files, ['Dockerfile', 'Dockerfile.k']);
  });

  it('takes facts from git', async (t) => {
    if (!requireProgram(t, 'git', 'apt-get install git')) return;
    const text = component(
      `images: 'r.io/web:\${git.branch/\\//-}-\${git.sha6}\${git.dirty:+-dirty}', labels: { tag: "\${git.tag:-none}", time: "\${git.time}" }`,
    );
    const cwd = folder({ 'onebuild.yaml': text });
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', cwd, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
        env: {
          PATH: process.env['PATH'],
          GIT_COMMITTER_DATE: '2026-01-31T12:00:00Z',
          GIT_CONFIG_GLOBAL: '/dev/null',
        },
      })
        .toString()
        .trim();
    await assert.rejects(config(cwd, []), /git\.branch has no value/);
    git('init', '-q', '-b', 'feature/x');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    const sha6 = git('rev-parse', 'HEAD').slice(0, 6);
    assert.match(
      await config(cwd, []),
      new RegExp(`web:feature-x-${sha6}"[^]*"tag": "none",\\s+"time": "2026-01-31T12:00:00Z"`),
    );
    git('tag', 'v1');
    writeFileSync(join(cwd, 'onebuild.yaml'), `${text}\n`);
    assert.match(await config(cwd, []), new RegExp(`web:feature-x-${sha6}-dirty"[^]*"tag": "v1"`));
  });

  it('prints the Dockerfile of a target, with its template rendered', async () => {
    const cwd = folder({
      'onebuild.yaml': component('context: app, template: { base: "debian:${args.V}" }, args: { V: 12 }'),
      'app/Dockerfile': 'FROM {{ base }}',
    });
    assert.equal(await config(cwd, [], { dockerfile: 'web' }), 'FROM debian:12\n');
    const plain = folder({ Dockerfile: 'FROM {{ base }}\n' });
    assert.equal(
      await config(plain, [], { dockerfile: 'shop-'.concat(String(count - 1)) }),
      'FROM {{ base }}\n',
    );
  });

  it('reads bake files with compose files beside them, and compose files where there is no Dockerfile', async () => {
    const hcl = 'variable "TAG" { default = "1" }\ntarget "web" { tags = ["r.io/web:${TAG}"] }\n';
    const compose = 'services:\n  db:\n    build: { context: db, args: { A: "${A}" } }\n';
    const both = folder({
      'docker-bake.hcl': hcl,
      'compose.yaml': compose,
      '.env': 'A=file\n',
      Dockerfile: 'FROM a',
    });
    const read = async (cwd: string, flags: Partial<ConfigFlags> = {}): Promise<Described> =>
      JSON.parse(await config(cwd, ['web', 'db'], flags, { TAG: '2' })) as Described;
    const { targets } = await read(both, { buildArg: ['B=typed'] });
    assert.deepEqual(targets['web']?.['tags'], ['r.io/web:2']);
    assert.deepEqual(targets['db']?.['args'], { A: 'file', B: 'typed' });
    const alone = folder({ 'compose.yaml': compose });
    assert.match(await config(alone, []), /"db": \{\n/);
    assert.match(await config(alone, [], { file: ['compose.yaml'] }), /"db": \{\n/);
    const convention = folder({ 'compose.yaml': compose, Dockerfile: 'FROM a' });
    assert.doesNotMatch(await config(convention, []), /"db"/);
  });

  it('prints the schema for editors, wherever it is asked', async () => {
    const schema = JSON.parse(await config('/', [], { schema: true })) as { properties: object };
    assert.ok('components' in schema.properties);
  });

  it('complains of what is not there', async () => {
    const cwd = folder({ 'notes.txt': '' });
    await assert.rejects(config(cwd, []), { code: 'PROJECT_NOT_FOUND' });
    await assert.rejects(config(cwd, [], { file: ['x.yaml'] }), { code: 'PROJECT_NOT_FOUND' });
    await assert.rejects(config(join(cwd, 'none'), []), { code: 'CONTEXT_NOT_FOUND' });
    const other = folder({ 'onebuild.yaml': component('variants: { a: , b: }') });
    await assert.rejects(config(other, ['c']), { code: 'TARGET_NOT_FOUND' });
    await assert.rejects(config(other, [], { dockerfile: 'web' }), /web stands for several targets/);
    await assert.rejects(config(other, [], { dockerfile: 'web.a' }), { code: 'DOCKERFILE_NOT_FOUND' });
    await assert.rejects(config(other, [], { bind: ['a=b'] }), { code: 'USAGE' });
  });
});
