import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildEvent, StepId } from '@onebuild/core';
import { createPalette } from './palette.ts';
import { createPlainDisplay } from './plain-display.ts';
import { sampleBuild } from './sample-build.fixture.ts';

function play(events: BuildEvent[], outputColours = true): string {
  let text = '';
  const display = createPlainDisplay(
    { write: (more) => (text += more) },
    { palette: createPalette(false), outputColours },
  );
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

Image   sha256:${'ab'.repeat(32)}
Size    12.3 MB for linux/amd64; 346 kB sent, 12.0 MB there already
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
    /------\n > \[builder 2\/3\] RUN make:\ncc -c a\.c\ncc -c b\.c\nb\.c: warning: red gone\n100%\nlast words\n------\nSteps   2 done, 1 cached, 1 failed, after 1\.3s\n$/,
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

test('colours of a step are dropped where they are unwanted', () => {
  assert.doesNotMatch(play(sampleBuild(), false), /\u001b/);
});

test('words of others do not steer the terminal, wherever they stand', () => {
  const step = 's' as StepId;
  const evil = 'x\u001b[2J\u001b]0;t\u0007\u202ey';
  const location = { file: evil, line: 1, snippet: evil };
  const text = play([
    { time: 0, type: 'step.started', step, name: evil },
    { time: 0, type: 'warning', rule: 'R', message: evil, location, url: evil },
    { time: 0, type: 'step.progress', step, label: evil, current: 1, unit: 'files' },
    { time: 0, type: 'step.output', step, stream: 'stdout', text: `${evil}\n` },
    { time: 1, type: 'step.finished', step, status: 'failed', ms: 1, note: evil },
    { time: 1, type: 'build.finished', ok: false, ms: 1, ran: 0, cached: 0 },
  ]);
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  assert.equal(text.match(/xy/g)?.length, 10);
});

test('a line that is written over itself reports every five seconds', () => {
  const step = 's' as StepId;
  const events: BuildEvent[] = [{ time: 0, type: 'step.started', step, name: 'RUN curl' }];
  for (let time = 1000; time <= 12_000; time += 1000) {
    events.push({ time, type: 'step.output', step, stream: 'stderr', text: `\r${time / 1000} MB` });
  }
  events.push({ time: 12_500, type: 'step.output', step, stream: 'stderr', text: '\rall\n' });
  const lines = play(events).split('\n').slice(1, -1);
  assert.deepEqual(lines, ['#1 5.00 5 MB', '#1 10.00 10 MB', '#1 12.50 all']);
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
