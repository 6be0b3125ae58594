import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { casesFolder, needsCases } from '../../test/shared-cases.ts';
import { dumpTree } from './dump.ts';
import { parseTree } from './parse-tree.ts';

const folder = join(casesFolder, 'parser');

test('the golden trees of BuildKit', needsCases('parser/golden'), async (t) => {
  const names = readdirSync(join(folder, 'golden'));
  assert.ok(names.length >= 30, `only ${names.length} golden cases`);
  for (const name of names) {
    await t.test(name, () => {
      const text = readFileSync(join(folder, 'golden', name, 'Dockerfile'), 'utf8');
      const wanted = readFileSync(join(folder, 'golden', name, 'result'), 'utf8');
      assert.equal(`${dumpTree(parseTree(text, 'Dockerfile'))}\n`, wanted);
    });
  }
});

test('what BuildKit refuses', needsCases('parser/negative'), async (t) => {
  for (const name of readdirSync(join(folder, 'negative'))) {
    await t.test(name, () => {
      const text = readFileSync(join(folder, 'negative', name, 'Dockerfile'), 'utf8');
      assert.throws(
        () => parseTree(text, 'Dockerfile'),
        (error) => isFault(error, 'DOCKERFILE_PARSE') && error.location !== undefined,
      );
    });
  }
});

test('line numbers', needsCases('parser/line'), () => {
  const text = readFileSync(join(folder, 'line', 'Dockerfile'), 'utf8');
  const lines = parseTree(text, 'Dockerfile').nodes.map(({ startLine, endLine }) => [startLine, endLine]);
  assert.deepEqual(lines, [
    [5, 5],
    [11, 12],
    [17, 31],
  ]);
});
