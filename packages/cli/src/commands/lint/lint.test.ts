import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { createProgram } from '../../program.ts';

const top = mkdtempSync(join(tmpdir(), 'onebuild-lint-'));
after(() => rmSync(top, { recursive: true }));
let count = 0;

function folder(files: Readonly<Record<string, string>>): string {
  const path = join(top, String(count++));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function lint(cwd: string, args: readonly string[], input = ''): Promise<Ended> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const context: CliContext = {
    env: {},
    cwd,
    uid: 0,
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    signal: new AbortController().signal,
    clock: () => 0,
    version: '0.0.0',
    self: [],
    args: [],
    exitCode: 0,
  };
  await createProgram(context).parseAsync(['lint', ...args], { from: 'user' });
  const read = (stream: PassThrough) => String(stream.read() ?? '');
  return { code: context.exitCode, stdout: read(stdout), stderr: read(stderr) };
}

test('a clean folder', async () => {
  const ended = await lint(folder({ Dockerfile: 'FROM a:1\nUSER a\n' }), []);
  assert.deepEqual(ended, { code: 0, stdout: '', stderr: 'Nothing found in 1 file\n' });
});

test('findings with place, lines and page; the files that a folder means', async () => {
  const cwd = folder({
    Dockerfile: 'FROM a:1\nRUN sudo b\n',
    'Dockerfile.dockerignore': 'x',
    'sub/app.Dockerfile': 'FROM a\n',
    'node_modules/x/Dockerfile': 'FROM a\n',
    '.git/Dockerfile': 'FROM a\n',
    'dockerfile.go': 'package x',
    'Dockerfile.j2': '{% x %}',
  });
  const { code, stdout, stderr } = await lint(cwd, []);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    [
      'warning SudoInRun: RUN needs no sudo: set USER root before it',
      '  --> Dockerfile:2:1',
      '     1 |     FROM a:1',
      '     2 | >>> RUN sudo b',
      '  more: docs/lint/SudoInRun.md',
      '',
      "warning UnpinnedBase: 'a' has no tag, so it is whatever is the latest",
      '  --> sub/app.Dockerfile:1:1',
      '     1 | >>> FROM a',
      '  more: docs/lint/UnpinnedBase.md',
      '',
      '',
    ].join('\n'),
  );
  assert.equal(stderr, '2 warnings in 2 files\n');
});

test('notes are told and end with 0; errors by the directive end with 1', async () => {
  const cwd = folder({ Dockerfile: 'FROM a:1\nCMD ["a"]\n', b: '# check=error=true\nFROM a\n' });
  const notes = await lint(cwd, ['Dockerfile']);
  assert.equal(notes.code, 0);
  assert.match(notes.stdout, /^note MissingUser/);
  const strict = await lint(cwd, ['b']);
  assert.equal(strict.code, 1);
  assert.match(strict.stdout, /^error UnpinnedBase/);
});

test('rules are chosen by name', async () => {
  const cwd = folder({ Dockerfile: 'FROM a:1\nRUN sudo b\n' });
  assert.equal((await lint(cwd, ['--skip', 'sudoinrun'])).code, 0);
  assert.match((await lint(cwd, ['--rule', 'BaseWithoutDigest'])).stdout, /^note BaseWithoutDigest[^]*\n\n$/);
  await assert.rejects(
    lint(cwd, ['--rule', 'SudoInRum']),
    (error) => isFault(error, 'USAGE') && error.hint === 'Did you mean SudoInRun?',
  );
});

test('a file that is no Dockerfile is told, the others are looked at', async () => {
  const cwd = folder({ Dockerfile: 'FROM a\n', 'Dockerfile.b': 'RNU x\n' });
  const { code, stdout } = await lint(cwd, ['--format', 'json']);
  assert.equal(code, 3);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; file: string; line: number }[] };
  assert.deepEqual(
    findings.map(({ rule, file, line }) => [rule, file, line]),
    [
      ['UnpinnedBase', 'Dockerfile', 1],
      ['DOCKERFILE_INSTRUCTION', 'Dockerfile.b', 1],
    ],
  );
  await assert.rejects(lint(cwd, ['none']), (error) => isFault(error, 'DOCKERFILE_NOT_FOUND'));
});

test('standard input, and the ignore file beside a Dockerfile', async () => {
  const cwd = folder({ Dockerfile: 'FROM a:1\nCOPY x /\n', '.dockerignore': 'x\n' });
  assert.match((await lint(cwd, [])).stdout, /^warning CopyIgnoredFile/);
  assert.match((await lint(cwd, ['-'], 'FROM b\n')).stdout, /--> Dockerfile:1:1/);
});

test('Dockerfiles that differ only in values', async () => {
  const text = (mode: string) => `FROM a:1\nENV MODE=${mode}\nCOPY a /\nUSER b\n`;
  const cwd = folder({
    'Dockerfile.dev': text('dev'),
    'Dockerfile.prod': text('prod'),
    'x/Dockerfile': text('x'),
  });
  const { stdout, stderr } = await lint(cwd, []);
  assert.match(
    stdout,
    /^warning EnvironmentDockerfiles: It differs from Dockerfile.dev only .*\n {2}--> Dockerfile.prod:1/,
  );
  assert.equal(stderr, '1 warning in 3 files\n');
});

test('--fix writes what is safe, once, and leaves the rest', async () => {
  const cwd = folder({
    Dockerfile: 'from a:1 AS B\r\n# why\r\nRUN sudo c\nENV x y\n',
    latin: '# \xe9\nfrom a:1\nRUN c\nRUN d',
  });
  writeFileSync(join(cwd, 'latin'), Buffer.from('# \xe9\nfrom a:1\nRUN c\nRUN d', 'latin1'));
  const { code, stdout, stderr } = await lint(cwd, ['--fix', 'Dockerfile']);
  const fixed = 'FROM a:1 AS b\r\n# why\r\nRUN sudo c\nENV x=y\n';
  assert.equal(readFileSync(join(cwd, 'Dockerfile'), 'utf8'), fixed);
  assert.equal(code, 1);
  assert.match(stdout, /^warning SudoInRun/);
  assert.match(stderr, /; 3 corrected\n$/);
  await lint(cwd, ['--fix', 'Dockerfile', 'latin']);
  assert.equal(readFileSync(join(cwd, 'Dockerfile'), 'utf8'), fixed);
  assert.equal(readFileSync(join(cwd, 'latin')).toString('latin1'), '# \xe9\nfrom a:1\nRUN c\nRUN d');
});

test('--diff prints what --fix would write, and writes nothing', async () => {
  const text = 'FROM a:1\nENV x y\nRUN sudo c\n';
  const cwd = folder({ Dockerfile: text, 'sub/Dockerfile': 'FROM a:1 AS b\nUSER c\n', broken: 'RNU\n' });
  const { code, stdout } = await lint(cwd, ['--diff']);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    '--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,3 +1,3 @@\n FROM a:1\n-ENV x y\n+ENV x=y\n RUN sudo c\n',
  );
  assert.equal(readFileSync(join(cwd, 'Dockerfile'), 'utf8'), text);
  assert.deepEqual(await lint(cwd, ['--diff', 'sub']), { code: 0, stdout: '', stderr: '' });
  assert.match((await lint(cwd, ['--diff', '-'], text)).stdout, /^--- a\/Dockerfile/);
  const unread = await lint(cwd, ['--diff', 'broken', 'Dockerfile']);
  assert.equal(unread.code, 3);
  assert.match(unread.stdout, /^\+ENV x=y$/m);
  assert.match(unread.stderr, /DOCKERFILE_INSTRUCTION/);
  for (const args of [
    ['--diff', '--format', 'json'],
    ['--diff', '--image', 'x'],
    ['--fix', '-'],
  ]) {
    await assert.rejects(lint(cwd, args, text), (error) => isFault(error, 'USAGE'));
  }
});

test('all that a project file builds is looked at, with its context and arguments', async () => {
  const cwd = folder({
    'onebuild.yaml': [
      'components:',
      '  web: { context: web, dockerfile: ../docker/web.df, args: { BASE: "debian" } }',
      '  old: { context: web, dockerfile: ../docker/web.df, args: { BASE: "debian:12" } }',
      '  api: { context: api, template: { base: alpine } }',
      '  api2: { context: api, template: { base: "alpine:3" } }',
      '  far: { context: "https://example.com/x.git" }',
      '  gone: { context: gone }',
      '',
    ].join('\n'),
    'docker/web.df': 'ARG BASE=a:1\nFROM $BASE\nCOPY notes.md /\nENV x y\nUSER a\n',
    'web/.dockerignore': 'notes.md\n',
    'api/Dockerfile': 'FROM {{ base }}\nENV x y\nUSER a\n',
    'tools/Dockerfile': 'FROM b:1\nRUN sudo c\n',
  });
  const { stdout, stderr } = await lint(cwd, ['--format', 'json', '--skip', 'LegacyKeyValueFormat']);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; file: string; line: number }[] };
  assert.deepEqual(
    findings.map(({ rule, file, line }) => [rule, file, line]),
    [
      ['UnpinnedBase', 'docker/web.df', 2],
      ['CopyIgnoredFile', 'docker/web.df', 3],
      ['UnpinnedBase', 'api/Dockerfile', 1],
      ['SudoInRun', 'tools/Dockerfile', 2],
    ],
  );
  assert.match(stderr, /^warning: gone: its Dockerfile is not looked at: there is no .*gone\/Dockerfile\n$/);
  const { stdout: diff } = await lint(cwd, ['--diff']);
  assert.deepEqual(diff.match(/^--- .*/gm), ['--- a/docker/web.df']);
});

test('a project file that cannot be read is told, and Dockerfiles are looked at', async () => {
  const cwd = folder({ 'onebuild.yaml': 'componets: {}\n', Dockerfile: 'FROM a:1\nUSER b\n' });
  const { code, stderr } = await lint(cwd, []);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: the project file is not looked at: .*\(onebuild.yaml:1\)\nNothing found/);
});

test('SARIF: rules, places and fixes that give what --fix gives', async () => {
  const text = 'FROM a:1\nENV  x \ty # z\n';
  const cwd = folder({ 'a b/Dockerfile': text.replace(' # z', '') });
  const { stdout } = await lint(cwd, ['--format', 'sarif']);
  const log = JSON.parse(stdout) as SarifLog;
  assert.equal(log.version, '2.1.0');
  const [run] = log.runs;
  const [result] = run?.results ?? [];
  assert.equal(run?.tool.driver.name, 'onebuild');
  assert.equal(run?.tool.driver.rules[result?.ruleIndex ?? -1]?.id, 'LegacyKeyValueFormat');
  assert.equal(result?.ruleId, 'LegacyKeyValueFormat');
  assert.equal(result.level, 'warning');
  const place = result.locations[0]?.physicalLocation;
  assert.deepEqual(place, {
    artifactLocation: { uri: 'a%20b/Dockerfile' },
    region: { startLine: 2, startColumn: 1, endLine: 2 },
  });
  assert.deepEqual(result.fixes?.[0]?.artifactChanges[0]?.replacements, [
    {
      deletedRegion: { startLine: 2, startColumn: 7, endLine: 2, endColumn: 10 },
      insertedContent: { text: '=y' },
    },
  ]);
});

interface SarifLog {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly locations: readonly { readonly physicalLocation: object }[];
      readonly fixes?: readonly {
        readonly artifactChanges: readonly { readonly replacements: readonly object[] }[];
      }[];
    }[];
  }[];
}
