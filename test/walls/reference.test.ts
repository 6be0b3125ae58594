import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderReference } from '../../scripts/generate-reference.ts';
import { top } from './source-files.ts';

test('docs/reference, docs/errors and docs/lint are what the code says; else run: node scripts/generate-reference.ts', () => {
  const pages = renderReference();
  for (const [name, text] of Object.entries(pages)) {
    assert.equal(readFileSync(join(top, 'docs', name), 'utf8'), text, name);
  }
  const errors = readdirSync(join(top, 'docs/errors')).filter((name) => name.endsWith('.md'));
  for (const name of errors)
    assert.ok(`errors/${name}` in pages, `docs/errors/${name} is of no use any more`);
  for (const name of readdirSync(join(top, 'docs/lint')))
    assert.ok(`lint/${name}` in pages, `docs/lint/${name} is of no use any more`);
});
