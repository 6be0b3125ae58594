import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneBuildError } from '@onebuild/core';
import fc from 'fast-check';
import { readOnebuildFile } from './read-onebuild-file.ts';

const words = fc.constantFrom(
  ...'app version registries components apps groups default variants bind base args platforms images labels cache'.split(
    ' ',
  ),
  ...'template host endpoint from to mounts no-cache web standard __proto__ constructor x-a'.split(' '),
);
const values = fc.constantFrom(
  'web',
  'standard',
  'standard/builder',
  'registry',
  '${variant}',
  '${git.sha6}',
  '${args.web}',
  '${env.X:-${app}}',
  '$',
  '${',
  'main/web:1',
  'linux/amd64',
  '',
  null,
  true,
  7,
  1.5,
  'r.io/a@sha256:0',
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    values,
    fc.dictionary(words, tie('tree'), { maxKeys: 5 }),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}));

function check(text: string): void {
  try {
    const { targets, defaults, groups } = readOnebuildFile({ name: 'onebuild.yaml', text }, { env: {} });
    const names = targets.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of defaults) assert.ok(names.includes(name) || Object.hasOwn(groups, name), name);
  } catch (error) {
    assert.ok(error instanceof OneBuildError, String(error));
    assert.notEqual(error.code, 'INTERNAL', error.stack);
    assert.equal(error.location?.file, 'onebuild.yaml', `${error.message} has no place`);
  }
}

test('any tree of words gives targets, or a fault with its place', () => {
  fc.assert(
    fc.property(fc.dictionary(words, tree, { maxKeys: 6 }), (file) => check(JSON.stringify(file))),
    { numRuns: 1000 },
  );
});

test('any text gives targets, or a fault with its place', () => {
  const piece = fc.constantFrom(
    'components',
    'web',
    ':',
    ' ',
    '\n',
    '\n  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '<<',
    '"',
    "'",
    '#',
    '|',
    '>',
    '?',
    '!!x',
    '\t',
    '---',
    '%',
    '\r',
    '\uFEFF',
    ',',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => check(pieces.join(''))),
    { numRuns: 2000 },
  );
});
