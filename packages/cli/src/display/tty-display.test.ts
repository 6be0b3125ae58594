import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { StepId } from '@onebuild/core';
import { createPalette } from './palette.ts';
import { sampleBuild } from './sample-build.fixture.ts';
import { createTtyDisplay } from './tty-display.ts';

/** What a terminal shows after `output`, with all that displays use: cursor up and down, clear a line and to the right. */
function screenOf(output: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [token] of output.matchAll(/\u001b\[\??[0-9;]*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g)) {
    const line = lines[row] ?? '';
    const up = /^\u001b\[(\d+)A$/.exec(token);
    if (up) row -= Number(up[1]);
    else if (token === '\u001b[B') row++;
    else if (token === '\u001b[2K') lines[row] = '';
    else if (token === '\r') column = 0;
    else if (token === '\u001b[K') lines[row] = line.slice(0, column);
    else if (token === '\n') {
      lines[++row] ??= '';
      column = 0;
    } else if (!token.startsWith('\u001b')) {
      lines[row] = line.slice(0, column).padEnd(column) + token + line.slice(column + token.length);
      column += token.length;
    }
    assert.ok(row >= 0, 'the cursor never leaves the region');
  }
  return lines.slice(0, row + 1);
}

const last = [
  ' ✓ load context 0.0s  12 files',
  ' ✓ [builder 1/3] FROM debian:12 cached',
  'warning StageNameCasing: Stage name should be lower case (Dockerfile:1)',
  ' ✓ [1/2] FROM slim:1 1.0s',
  ' ✓ [builder 2/3] RUN make 1.2s',
  `Image   sha256:${'ab'.repeat(32)}`,
  'Size    12.3 MB for linux/amd64; 346 kB sent, 12.0 MB there already',
  'Name    registry.example.com/app:1',
  'Output  push',
  'Steps   4: 3 run, 1 cached, in 1.3s',
  '      1.2s  [builder 2/3] RUN make',
  '      1.0s  [1/2] FROM slim:1',
  '1 warning above',
  '',
];

test('finished steps stay, running ones are drawn over', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let output = '';
  let now = 1_700_000_000_000;
  const target = { columns: 90, rows: 24, write: (text: string) => (output += text) };
  const display = createTtyDisplay(target, { palette: createPalette(false), clock: () => now });
  for (const event of sampleBuild()) {
    now = event.time;
    display.show(event);
    context.mock.timers.tick(100);
    const status = screenOf(output).at(-2) ?? '';
    assert.match(status, /^ \d+(\/\d+)? steps? /);
  }
  display.end();
  assert.deepEqual(screenOf(output), last);
  assert.ok(output.endsWith('\u001b[?7h\u001b[?25h'), 'lines are folded, and the cursor is shown again');
});

test('made narrower, a terminal folds what is drawn: no more than that is drawn over', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let output = '';
  const target = { columns: 90, rows: 24, write: (text: string) => (output = text) };
  const display = createTtyDisplay(target, { palette: createPalette(true), clock: () => 0 });
  const step = (id: string) => id as StepId;
  display.show({ time: 0, type: 'step.started', step: step('a'), name: `RUN ${'x'.repeat(50)}` });
  display.show({ time: 0, type: 'step.started', step: step('b'), name: 'RUN y' });
  context.mock.timers.tick(100);
  target.columns = 30;
  context.mock.timers.tick(100);
  assert.match(output, /^\u001b\[\?2026h\u001b\[\?25l\u001b\[5A\r/, 'three rows and two');
  context.mock.timers.tick(100);
  assert.match(output, /^\u001b\[\?2026h\u001b\[\?25l\u001b\[3A\r/);
  display.end();
});

test('a step that fails shows what it wrote, though it was never on the screen', () => {
  let output = '';
  const display = createTtyDisplay(
    { columns: 80, write: (text) => (output += text) },
    { palette: createPalette(false), clock: () => 0 },
  );
  const step = 's' as StepId;
  display.show({ time: 0, type: 'step.started', step, name: 'RUN x' });
  for (let line = 0; line < 10_000; line++) {
    display.show({ time: 1, type: 'step.output', step, stream: 'stdout', text: `line ${line}\n` });
  }
  display.show({ time: 2, type: 'step.finished', step, status: 'failed', ms: 2 });
  display.show({ time: 2, type: 'build.finished', ok: false, ms: 2, ran: 0, cached: 0 });
  display.end();
  const shown = screenOf(output);
  assert.equal(shown.filter((line) => line.startsWith('line ')).length, 2000);
  assert.ok(shown.includes('... 8000 lines before (--progress=plain shows all)'));
  assert.deepEqual(shown.slice(-4), ['line 9999', '------', 'Steps   1 failed, after 0.0s', '']);
});

test('draws at most ten times a second, whatever comes', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let writes = 0;
  const display = createTtyDisplay(
    { write: () => writes++ },
    { palette: createPalette(false), clock: () => 0 },
  );
  for (let round = 0; round < 100; round++) for (const event of sampleBuild()) display.show(event);
  context.mock.timers.tick(1000);
  assert.equal(writes, 10);
  display.end();
});

test('under a real terminal', (context) => {
  const program = `
    const { createDisplay } = await import(${JSON.stringify(new URL('./create-display.ts', import.meta.url).href)});
    const { sampleBuild } = await import(${JSON.stringify(new URL('./sample-build.fixture.ts', import.meta.url).href)});
    const display = createDisplay('auto', { target: process.stderr, machineTarget: process.stdout, colours: false, clock: Date.now });
    for (const event of sampleBuild()) display.show(event);
    setTimeout(() => display.end(), 250);`;
  const command = `stty rows 24 cols 90; exec "$NODE" --input-type=module -e "$PROGRAM"`;
  const { error, stdout } = spawnSync('script', ['-qefc', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, PROGRAM: program },
    input: '',
  });
  if (error !== undefined && process.env['ONEBUILD_TEST_STRICT'] === undefined)
    return context.skip('script is not installed');
  assert.equal(error, undefined);
  assert.deepEqual(screenOf(stdout.replaceAll('\r\n', '\n')), last);
});
