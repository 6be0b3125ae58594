import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDisplay } from './create-display.ts';
import type { ProgressMode } from './display.ts';
import { sampleBuild } from './sample-build.fixture.ts';

function play(
  mode: ProgressMode,
  { isTTY = false, dumb = false } = {},
  end: 'ok' | 'failed' = 'ok',
): { people: string; machines: string } {
  const text = { people: '', machines: '' };
  const display = createDisplay(mode, {
    target: { isTTY, write: (more) => (text.people += more) },
    machineTarget: { write: (more) => (text.machines += more) },
    colours: false,
    dumb,
    clock: () => 0,
  });
  for (const event of sampleBuild(end)) display.show(event);
  display.end();
  return text;
}

test('json: every event as a line, and nothing else', () => {
  for (const mode of ['json', 'rawjson'] as const) {
    const { people, machines } = play(mode);
    assert.equal(people, '');
    const lines = machines.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      sampleBuild(),
    );
  }
});

test('quiet says nothing, unless a step fails', () => {
  assert.deepEqual(play('quiet'), { people: '', machines: '' });
  assert.match(play('quiet', {}, 'failed').people, /^------\n > \[builder 2\/3\] RUN make:\ncc -c a\.c\n/);
});

test('auto is plain without a terminal, and on one that cannot move its cursor', () => {
  assert.deepEqual(play('auto'), play('plain'));
  assert.deepEqual(play('auto', { isTTY: true, dumb: true }), play('plain'));
  assert.notDeepEqual(play('auto', { isTTY: true }), play('plain'));
});
