import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '@onebuild/core';
import { createPalette } from './display/palette.ts';
import { renderError } from './render-error.ts';

test('code, message, place with snippet, hint; nothing steers the terminal', () => {
  const snippet = '  2 | FROM x\n> 3 | RNU make\u001b[2J';
  const error = fault('DOCKERFILE_INSTRUCTION', 'unknown instruction RNU\nsecond line', {
    hint: 'Did you mean RUN?',
    location: { file: 'Dockerfile', line: 3, column: 1, snippet },
  });
  assert.deepEqual(renderError(error, createPalette(false)), [
    'error DOCKERFILE_INSTRUCTION: unknown instruction RNU',
    '  second line',
    '  --> Dockerfile:3:1',
    '    2 | FROM x',
    '  > 3 | RNU make\ufffd[2J',
    '  hint: Did you mean RUN?',
    '  more: onebuild explain DOCKERFILE_INSTRUCTION',
  ]);
});
