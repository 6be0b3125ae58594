import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDisplay } from './create-display.ts';
import type { ProgressMode } from './display.ts';
import { sampleBuild } from './sample-build.fixture.ts';

function play(mode: ProgressMode): { people: string; machines: string } {
  const text = { people: '', machines: '' };
  const display = createDisplay(mode, {
    target: { write: (more) => (text.people += more) },
    machineTarget: { write: (more) => (text.machines += more) },
    colours: false,
    clock: () => 0,
  });
  for (const event of sampleBuild()) display.show(event);
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

test('quiet says nothing; auto without a terminal is plain', () => {
  assert.deepEqual(play('quiet'), { people: '', machines: '' });
  assert.deepEqual(play('auto'), play('plain'));
});
