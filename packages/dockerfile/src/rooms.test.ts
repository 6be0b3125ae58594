import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Each room imports itself and those before it, and the small files beside the rooms. */
const rooms = ['lexer', 'shell', 'parser', 'instructions', 'ignore', 'lint', 'fix'];

test('rooms import only the rooms before them', () => {
  for (const [index, room] of rooms.entries()) {
    for (const file of readdirSync(join(import.meta.dirname, room))) {
      if (file.endsWith('.test.ts')) continue;
      const text = readFileSync(join(import.meta.dirname, room, file), 'utf8');
      for (const [, imported = ''] of text.matchAll(/from '\.\.\/([a-z]+)\//g)) {
        assert.ok(
          rooms.indexOf(imported) >= 0 && rooms.indexOf(imported) < index,
          `${room}/${file} imports ${imported}/`,
        );
      }
    }
  }
});

test('nothing but core and pure parts of Node is imported', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    for (const [, imported = ''] of text.matchAll(/from '([^.'][^']*)'/g)) {
      assert.ok(
        ['@onebuild/core', 'node:path', 'node:net'].includes(imported),
        `${file} imports ${imported}`,
      );
    }
  }
});
