import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { casesFolder, needsCases } from '../../test/shared-cases.ts';
import { expandWord, expandWords } from './expand-word.ts';

const folder = join(casesFolder, 'parser', 'shell');
const isExpansionFault = (error: unknown) => isFault(error, 'DOCKERFILE_EXPANSION');

test('the table of expansions', needsCases('parser/shell'), async (t) => {
  const env = new Map([
    ['PWD', '/home'],
    ['SHELL', 'bash'],
    ['KOREAN', '한국어'],
    ['NULL', ''],
  ]);
  const lines = readFileSync(join(folder, 'envVarTest'), 'utf8').split('\n');
  let rows = 0;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const [tag, input = '', expected] = line.split('|').map((field) => field.trim());
    if (tag !== 'A' && tag !== 'U') continue;
    rows++;
    await t.test(`line ${index + 1}: ${input}`, () => {
      if (expected === 'error') assert.throws(() => expandWord(input, env), isExpansionFault);
      else assert.equal(expandWord(input, env).result, expected);
    });
  }
  assert.ok(rows > 150, `only ${rows} rows`);
});

test('the table of words', needsCases('parser/shell'), async (t) => {
  const env = new Map<string, string>();
  for (const line of readFileSync(join(folder, 'wordsTest'), 'utf8').split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (line.startsWith('ENV ')) {
      const variable = line.slice('ENV '.length).trimStart();
      const equals = variable.indexOf('=');
      env.set(variable.slice(0, equals), variable.slice(equals + 1));
      continue;
    }
    const [input = '', expected = ''] = line.split('|');
    const now = new Map(env);
    await t.test(line, () => {
      if (expected.trim() === 'error') assert.throws(() => expandWords(input.trim(), now), isExpansionFault);
      else assert.deepEqual(expandWords(input.trim(), now).words, expected.trimStart().split(','));
    });
  }
});
