import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstruction } from './parse-instruction.ts';
import { type ResolvedRun, resolveRun } from './resolve-run.ts';

function resolve(...lines: string[]): ResolvedRun {
  const run = parseInstruction(lines.join('\n'));
  assert.ok(run.kind === 'RUN');
  return resolveRun(run, ['/bin/sh', '-c']);
}

test('shell form goes through the shell, exec form does not', () => {
  assert.deepEqual(resolve('RUN a $B "c"'), { args: ['/bin/sh', '-c', 'a $B "c"'] });
  assert.deepEqual(resolve('RUN ["a", "$B"]'), { args: ['a', '$B'] });
});

test('one heredoc alone is the script', () => {
  assert.deepEqual(resolve('RUN <<-E', '\ta', '\tb', 'E'), { args: ['/bin/sh', '-c', 'a\nb\n'] });
});

test('with a shebang it is a file', () => {
  assert.deepEqual(resolve("RUN <<'E'", '#!/usr/bin/env python', 'x', 'E'), {
    args: ['/bin/sh', '-c', '/dev/pipes/E'],
    script: { path: '/dev/pipes/E', content: '#!/usr/bin/env python\nx\n' },
  });
});

test('heredocs of a command are left to the shell as written', () => {
  assert.deepEqual(resolve('RUN cat <<A <<-B > /x', '$a', 'A', '\tb', '\tB'), {
    args: ['/bin/sh', '-c', 'cat <<A <<-B > /x\n$a\nA\n\tb\nB'],
  });
});
