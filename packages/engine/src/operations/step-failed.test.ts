import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepFailed } from './step-failed.ts';

test('the message says what was written, on one line, and how it ended', () => {
  const args = ['/bin/sh', '-c', 'set -e;   \tmake all'];
  const error = stepFailed({ args }, { exitCode: 2 });
  assert.equal(error.message, '`set -e; make all` ended with exit code 2');
  assert.deepEqual(error.details, { exitCode: 2 });
  assert.match(
    stepFailed({ args: ['/bin/make', 'a b'] }, { exitCode: 1 }).message,
    /^`\/bin\/make "a b"` ended/,
  );
  assert.match(
    stepFailed({ args: ['sh', '-c', 'cd /src\nmake\n'] }, { exitCode: 1 }).message,
    /^`cd \/src \.\.\.` ended/,
  );
  const long = stepFailed({ args: ['sh', '-c', 'x'.repeat(100_000)] }, { exitCode: 1 }).message;
  assert.ok(long.length < 160, long);
});

test('exit codes with a meaning have their own advice', () => {
  const hint = (exitCode: number, outOfMemory = false) =>
    stepFailed({ args: ['true'] }, { exitCode, outOfMemory }).hint;
  assert.match(hint(127), /not found/);
  assert.match(hint(137), /memory/);
  assert.match(hint(137, true), /--memory/);
  assert.notEqual(hint(1), '');
});
