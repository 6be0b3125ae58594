import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { isStoppedQuietly, watchInterrupts } from './interrupts.ts';

test('the first signal aborts, the same again exits at once', () => {
  const source = new EventEmitter();
  const exits: number[] = [];
  const interrupts = watchInterrupts(source, (code) => exits.push(code));
  assert.equal(interrupts.exitCode(), undefined);
  source.emit('SIGINT');
  assert.ok(isFault(interrupts.signal.reason, 'CANCELED'));
  assert.deepEqual([interrupts.exitCode(), exits], [130, []]);
  source.emit('SIGTERM');
  assert.deepEqual([interrupts.exitCode(), exits], [130, []]);
  source.emit('SIGINT');
  assert.deepEqual(exits, [130]);
});

test('work whose reader went away stops without a word', () => {
  const interrupts = watchInterrupts(new EventEmitter(), () => assert.fail('no exit'));
  assert.equal(isStoppedQuietly(interrupts.signal), false);
  interrupts.stopQuietly();
  assert.ok(isFault(interrupts.signal.reason, 'CANCELED'));
  assert.equal(isStoppedQuietly(interrupts.signal), true);
  assert.equal(interrupts.exitCode(), undefined);
});
