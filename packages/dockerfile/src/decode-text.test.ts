import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { decodeText } from './decode-text.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

function refuses(source: string | Uint8Array, message: RegExp, line?: number): void {
  assert.throws(
    () => decodeText(source, 'Dockerfile'),
    (error) => {
      assert.ok(isFault(error, 'DOCKERFILE_PARSE'));
      assert.match(error.message, message);
      assert.equal(error.location?.line, line);
      return true;
    },
  );
}

test('UTF-8 is decoded, a byte order mark stays for the lexer', () => {
  assert.equal(decodeText(Buffer.from('FROM ♥'), 'Dockerfile'), 'FROM ♥');
  assert.equal(decodeText(Buffer.from('RUN \uFFFD'), 'Dockerfile'), 'RUN \uFFFD');
});

test('comments may hold other encodings, instructions not', () => {
  assert.match(decodeText(latin1('FROM a\n  # für\n'), 'Dockerfile'), /# f/);
  refuses(latin1('FROM a\nRUN für\n'), /line 2 .* no valid UTF-8/, 2);
});

test('NUL characters and huge files are refused', () => {
  refuses(Buffer.from('FROM a\nRUN b', 'utf16le'), /NUL/, 1);
  refuses(`FROM a\n${'#'.repeat(9 * 1024 * 1024)}`, /8 MiB/);
});
