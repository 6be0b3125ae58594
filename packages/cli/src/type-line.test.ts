import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { fault } from '@onebuild/core';
import { typeLine } from './type-line.ts';

test('lines are read one after the other, however they come in', async () => {
  const stdin = new PassThrough();
  const { signal } = new AbortController();
  const first = typeLine({ stdin, signal });
  stdin.write('an');
  stdin.write('x\u007fn\nopen sesame\r');
  assert.equal(await first, 'ann');
  assert.equal(await typeLine({ stdin, signal }), 'open sesame');
  const last = typeLine({ stdin, signal });
  stdin.end('no end of line');
  assert.equal(await last, 'no end of line');
});

test('Ctrl-C and the signal end it', async () => {
  const stdin = new PassThrough();
  const controller = new AbortController();
  const typed = typeLine({ stdin, signal: controller.signal });
  stdin.write('abc\u0003');
  await assert.rejects(typed, { code: 'CANCELED' });
  const waiting = typeLine({ stdin, signal: controller.signal });
  controller.abort(fault('CANCELED', 'stopped by SIGTERM'));
  await assert.rejects(waiting, { message: 'stopped by SIGTERM' });
});

test('at a terminal a name is shown and a password is not', (context) => {
  const program = `
    const { readLine } = await import(${JSON.stringify(new URL('./read-line.ts', import.meta.url).href)});
    const { readPassword } = await import(${JSON.stringify(new URL('./read-password.ts', import.meta.url).href)});
    const { stdin, stderr } = process;
    const terminal = { stdin, stderr, signal: new AbortController().signal };
    const name = await readLine(terminal, 'Username: ');
    const password = await readPassword(terminal, { fromStdin: false });
    process.stdout.write(\`\${name}, \${password.length} letters\\n\`);`;
  const keys =
    "(until grep -q Username log; do sleep 0.05; done; printf 'ann\\n'; until grep -q Password log; do sleep 0.05; done; printf 'sesame\\r')";
  const command = `${keys} | script -qefc 'exec "$NODE" --input-type=module -e "$PROGRAM"' log`;
  const { stdout } = spawnSync('sh', ['-c', `cd "$(mktemp -d)" && ${command}; rm -r "$PWD"`], {
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, PROGRAM: program },
    timeout: 20_000,
  });
  if (stdout === '' && process.env['ONEBUILD_TEST_STRICT'] === undefined)
    return context.skip('script is not installed');
  assert.match(stdout, /Username: ann\r?\n/);
  assert.match(stdout, /Password: \r?\nann, 6 letters/);
});
