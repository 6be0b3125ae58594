import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildRecord } from './build-record.ts';
import { createPalette } from './palette.ts';
import { renderFrame } from './render-frame.ts';
import { sampleBuild } from './sample-build.fixture.ts';
import { textWidth } from './text-width.ts';

/** The state after the first `count` events. */
function recordAfter(count: number): BuildRecord {
  const record = new BuildRecord();
  for (const event of sampleBuild().slice(0, count)) record.take(event);
  return record;
}

const now = 1_700_000_000_000 + 1000;
const palette = createPalette(false);

test('running steps with their last lines and transfers', () => {
  const frame = renderFrame(recordAfter(14), { columns: 80, rows: 24, now, palette });
  assert.deepEqual(frame, [
    ' ● [builder 2/3] RUN make 0.9s',
    '   cc -c a.c',
    '   cc -c b.c',
    '   b.c: warning: red gone',
    ' ● [1/2] FROM slim:1 0.9s',
    '   pull sha256:0123 ━━━━━─────────────── 1.5 MB / 6.0 MB',
    ' 2/4 steps · 1 cached · 1.0s',
  ]);
});

test('a frame fits the terminal, however small', () => {
  for (let count = 1; count < 19; count++) {
    for (const columns of [8, 20, 40, 61, 200]) {
      for (const rows of [2, 3, 5, 50]) {
        const frame = renderFrame(recordAfter(count), { columns, rows, now, palette });
        assert.ok(frame.length <= Math.max(2, rows - 1), `${frame.length} lines in ${rows} rows`);
        for (const line of frame) assert.ok(textWidth(line) <= Math.max(columns, 18), `${columns}: ${line}`);
      }
    }
  }
});
