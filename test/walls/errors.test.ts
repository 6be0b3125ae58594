import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorCatalog } from '../../packages/core/src/index.ts';
import { listFiles, top } from './source-files.ts';

const own = ['packages/core/src/error-catalog.ts', 'packages/cli/src/explain/'];

/** Sources of the product, without tests and without what only lists codes. */
function sources(): readonly string[] {
  return listFiles('packages', '.ts').filter(
    (path) =>
      path.includes('/src/') &&
      !/\.(?:test|contract|fixture)\.ts$/.test(path) &&
      !path.startsWith('packages/testkit/') &&
      !own.some((start) => path.startsWith(start)),
  );
}

test('every code of the catalog is used, and every code that is used is in the catalog', () => {
  const used = new Set<string>();
  const unknown: string[] = [];
  for (const path of sources()) {
    const text = readFileSync(join(top, path), 'utf8');
    for (const [, code = ''] of text.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)) used.add(code);
    for (const [, code = ''] of text.matchAll(/\b(?:fault|isFault)\(\s*(?:error, )?'([A-Z_]+)'/g)) {
      if (!(code in errorCatalog)) unknown.push(`${path}: ${code}`);
    }
  }
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    Object.keys(errorCatalog).filter((code) => !used.has(code)),
    [],
  );
});

test('every code has its place in docs/errors, with what it means, what causes it and what to do', () => {
  for (const [code, { kind, title, remedy }] of Object.entries(errorCatalog)) {
    const page = readFileSync(join(top, `docs/errors/${kind}.md`), 'utf8');
    const section = page.split('\n## ').find((part) => part.startsWith(`${code}\n`)) ?? '';
    assert.ok(section.includes(`${title}.`), code);
    assert.match(section, /\nWhat causes it:\n\n- \S[^]*\nWhat to do: \S/, code);
    assert.ok(remedy.endsWith('.'), code);
    assert.ok(
      readFileSync(join(top, 'docs/errors/README.md'), 'utf8').includes(`(${kind}.md#${code.toLowerCase()})`),
      code,
    );
  }
});
