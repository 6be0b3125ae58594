import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/onebuild', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'onebuild-cli-'));
after(() => rmSync(folder, { recursive: true }));
const env = { ...process.env, HOME: folder, ONEBUILD_HOME: join(folder, 'store'), NO_COLOR: '1' };

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(bin, args, { encoding: 'utf8', env, cwd: folder, input: '' });
}

test('the launcher starts from a link, without a suitable Node on the PATH', () => {
  const link = join(folder, 'link');
  symlinkSync(bin, link);
  const { status, stdout, stderr } = spawnSync(link, ['--version'], {
    encoding: 'utf8',
    env: { HOME: folder, PATH: '/usr/bin:/bin' },
  });
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^onebuild \d+\.\d+\.\d+\n$/);
  assert.equal(run('version').stdout, stdout);
});

test('help lists the commands, and each has its own', () => {
  const { status, stdout, stderr } = run('--help');
  assert.deepEqual([status, stderr], [0, '']);
  for (const name of ['build', 'inspect', 'doctor', 'store', 'registry', 'login', 'logout', 'completion']) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
    const help = run(name, '--help');
    assert.deepEqual([help.status, help.stderr], [0, ''], name);
    assert.match(help.stdout, new RegExp(`^Usage: onebuild ${name} `));
  }
});

test('a wrong command line: exit code 2, one complaint, and what was meant', () => {
  for (const [args, complaint] of [
    [
      ['build', '--taget', 'x', '.'],
      "error USAGE: unknown option '--taget'\n  hint: Did you mean --target?\n",
    ],
    [['biuld'], "error USAGE: unknown command 'biuld'\n  hint: Did you mean build?\n"],
    [
      ['build', '-o', 'type=oic', '.'],
      'error OUTPUT_INVALID: --output type=oic: there is no type "oic"\n  hint: Did you mean type=oci?\n',
    ],
  ] as const) {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual([status, stdout, stderr], [2, '', complaint]);
  }
  assert.equal(run('build', '--progress', 'fancy', '.').status, 2);
  assert.equal(run('build', '.', 'second').status, 2);
  for (const args of [
    ['nope', '--help'],
    ['help', 'nope'],
    ['store', 'nope'],
  ]) {
    const { status, stderr } = run(...args);
    assert.deepEqual([status, stderr.split('\n')[0]], [2, "error USAGE: unknown command 'nope'"]);
  }
  const group = run('store');
  assert.equal(group.status, 2);
  assert.match(group.stderr, /Commands:[^]*error USAGE: a command is missing/);
});

test('alone it says what it can do; help of a command has three ways', () => {
  const bare = run();
  assert.deepEqual([bare.status, bare.stderr], [0, '']);
  assert.equal(bare.stdout, run('--help').stdout);
  const help = run('store', 'gc', '--help');
  assert.match(help.stdout, /^Usage: onebuild store gc \[options\]\n\nRemove what was not used/);
  assert.equal(run('store', 'gc', '-h').stdout, help.stdout);
  assert.equal(run('help', 'store', 'gc').stdout, help.stdout);
});

test('an error code is explained, however it is written', () => {
  const { status, stdout } = run('explain', 'STEP_FAILED');
  assert.equal(status, 0);
  assert.match(stdout, /^STEP_FAILED: A step of the build failed\.\n\nKind build, exit code 1\./);
  assert.equal(run('explain', 'step-failed').stdout, stdout);
  assert.equal(run('help', 'STEP_FAILED').stdout, stdout);
  assert.match(run('explain', '--list').stdout, /^ {2}STEP_FAILED {3,}A step of the build failed$/m);
  const wrong = run('explain', 'STEP_FALED');
  assert.deepEqual(
    [wrong.status, wrong.stderr],
    [2, 'error USAGE: there is no error code "STEP_FALED"\n  hint: Did you mean STEP_FAILED?\n'],
  );
});

test('faults show no stack, unless --debug asks for it', () => {
  const plain = run('build', 'missing');
  assert.equal(plain.status, 5);
  assert.match(plain.stderr, /^error CONTEXT_NOT_FOUND: the context "missing" is not there\n {2}hint: /);
  assert.doesNotMatch(plain.stderr, /\n\s+at /);
  assert.match(run('--debug', 'build', 'missing').stderr, /\n\s+at /);
});

test('a reader that goes away is no fault', () => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `"${bin}" completion bash | head -n 1; exit 0`], {
    encoding: 'utf8',
    env,
  });
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^# bash completion/);
});

test('a registry is served until SIGTERM, and ends in order', async () => {
  const child = spawn(
    bin,
    ['registry', 'serve', '--listen', '127.0.0.1:0', '--root', join(folder, 'registry')],
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const closed = new Promise<[number | null, string | null]>((done) => {
    child.once('close', (code, signal) => done([code, signal]));
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const url = /registry at (http:\/\/127\.0\.0\.1:\d+), content in /.exec(text)?.[1];
  assert.ok(url, text);
  assert.equal((await fetch(`${url}/v2/`)).status, 200);
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
});

test('bash completes commands, flags and values', (context) => {
  const script = join(folder, 'completion.bash');
  writeFileSync(script, run('completion', 'bash').stdout);
  const complete = (...words: string[]): string[] => {
    const program = `source "$1"; shift; COMP_WORDS=(onebuild "$@"); COMP_CWORD=$#; _onebuild; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', program, 'bash', script, ...words], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
    return stdout.split('\n').filter((line) => line !== '');
  };
  if (spawnSync('bash', ['--version']).status !== 0) return context.skip('bash is not installed');
  assert.deepEqual(complete('bu'), ['build']);
  assert.deepEqual(complete('store', 'g'), ['gc']);
  assert.deepEqual(complete('store', 'gc', '--keep'), ['--keep-size', '--keep-days']);
  assert.deepEqual(complete('build', '--progress', 'p'), ['plain']);
  assert.deepEqual(complete('build', '--progress', '=', 'js'), ['json']);
  assert.deepEqual(complete('build', '-o', 'type=o'), ['type=oci']);
  assert.deepEqual(complete('completion', 'f'), ['fish']);
  assert.deepEqual(complete('build', '--ta'), ['--target', '--tag']);
  assert.deepEqual(complete('build', '-f', ''), []);
  assert.deepEqual(complete('explain', 'STEP_F'), ['STEP_FAILED']);
  assert.deepEqual(complete('help', 'ins'), ['inspect']);
});
