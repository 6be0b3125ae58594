import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepId } from '@onebuild/core';
import { createPalette } from './palette.ts';
import { createPlainDisplay } from './plain-display.ts';
import { sampleBuild } from './sample-build.fixture.ts';

function play(events: Parameters<ReturnType<typeof createPlainDisplay>['show']>[0][]): string {
  let text = '';
  const display = createPlainDisplay({ write: (more) => (text += more) }, createPalette(false));
  for (const event of events) display.show(event);
  display.end();
  return text;
}

test('a build that succeeds, as plain lines', () => {
  assert.equal(
    play(sampleBuild()),
    `onebuild 1.2.3

#1 load context
#1 hash 12 / 12 files
#1 12 files
#1 DONE 0.0s

#2 [builder 1/3] FROM debian:12
#2 CACHED

#3 [builder 2/3] RUN make
RUN is isolated by crun (root)

#4 [1/2] FROM slim:1

#3 [builder 2/3] RUN make
#3 0.44 cc -c a.c

#4 [1/2] FROM slim:1
#4 pull sha256:0123 1.5 MB / 6.0 MB

#3 [builder 2/3] RUN make
#3 0.84 cc -c b.c
#3 0.89 b.c: warning: \u001b[31mred\u001b[0m gone\u001b[0m

warning StageNameCasing: Stage name should be lower case (Dockerfile:1)

#4 [1/2] FROM slim:1
#4 pull sha256:0123 6.0 MB / 6.0 MB
#4 DONE 1.0s

#3 [builder 2/3] RUN make
#3 1.14 100%
#3 1.24 last words
#3 DONE 1.2s (a.c changed)

Image   sha256:${'ab'.repeat(32)}  linux/amd64
Size    12.3 MB in layers; 346 kB sent, 12.0 MB there already
Name    registry.example.com/app:1
Output  push
Steps   4: 3 run, 1 cached, in 1.3s
      1.2s  [builder 2/3] RUN make
      1.0s  [1/2] FROM slim:1
1 warning above
`,
  );
});

test('a build that fails repeats what the step wrote, at most 20 lines', () => {
  const text = play(sampleBuild('failed'));
  assert.match(text, /#3 ERROR 1\.2s\n/);
  assert.match(
    text,
    /------\n > \[builder 2\/3\] RUN make:\ncc -c a\.c\ncc -c b\.c\nb\.c: warning: red gone\n100%\nlast words\n------\n$/,
  );
  const step = 's' as StepId;
  const many = Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join('');
  const long = play([
    { time: 0, type: 'step.started', step, name: 'RUN x' },
    { time: 1, type: 'step.output', step, stream: 'stdout', text: many },
    { time: 2, type: 'step.finished', step, status: 'failed', ms: 2 },
    { time: 3, type: 'build.finished', ok: false, ms: 3, ran: 1, cached: 0 },
  ]);
  const repeated = long
    .slice(long.indexOf('------'))
    .split('\n')
    .filter((line) => line.startsWith('line'));
  assert.deepEqual([repeated[0], repeated.length], ['line 10', 20]);
});

test('a transfer reports when it starts, every five seconds and when it is done', () => {
  const step = 's' as StepId;
  const progress = (time: number, current: number) =>
    ({ time, type: 'step.progress', step, label: 'push', current, total: 9500, unit: 'bytes' }) as const;
  const text = play([
    { time: 0, type: 'step.started', step, name: 'push' },
    ...[10, 1000, 4000, 5010, 6000, 9000, 9500, 9500].map((time) => progress(time, time)),
  ]);
  const reports = text.split('\n').filter((line) => line.includes('/'));
  assert.deepEqual(reports, ['#1 push 10 B / 9.5 kB', '#1 push 5.0 kB / 9.5 kB', '#1 push 9.5 kB / 9.5 kB']);
});
