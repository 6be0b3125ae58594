import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderReference } from '../../scripts/generate-reference.ts';
import { top } from './source-files.ts';

test('docs/reference is what the code says; else run: node scripts/generate-reference.ts', () => {
  for (const [name, text] of Object.entries(renderReference())) {
    assert.equal(readFileSync(join(top, 'docs/reference', name), 'utf8'), text, name);
  }
});
