import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { showWaiting } from './waiting-line.ts';

test('a line on a terminal comes after two seconds, changes, and goes', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const target = Object.assign(new PassThrough(), { isTTY: true, columns: 24 });
  const waiting = showWaiting(target, { clock: Date.now, text: 'reading r.io/app' });
  t.mock.timers.tick(1900);
  assert.equal(target.read(), null);
  t.mock.timers.tick(200);
  waiting.show('checked 3 of 4 blobs, 12 MB of 16 MB\u001b[2J');
  t.mock.timers.tick(500);
  waiting.end();
  waiting.end();
  t.mock.timers.tick(5000);
  assert.equal(
    String(target.read()),
    '\r\u001b[Kreading r.io/app\r\u001b[Kchecked 3 of 4 blobs, 1\r\u001b[K',
  );
});

test('elsewhere lines are few, and nothing comes of what is quick', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const target = new PassThrough();
  const waiting = showWaiting(target, { clock: Date.now, text: 'reading' });
  for (let second = 0; second < 20; second++) {
    t.mock.timers.tick(1000);
    waiting.show(`second ${second}`);
  }
  waiting.end();
  assert.equal(String(target.read()).split('\n').length - 1, 2);
  const quick = showWaiting(target, { clock: Date.now, text: 'reading' });
  t.mock.timers.tick(1000);
  quick.end();
  assert.equal(target.read(), null);
});
