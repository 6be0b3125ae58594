import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { readBakeFiles } from '../read-bake-files.ts';

const facts = { env: {}, now: 0, home: '/root', platform: 'linux/amd64' };

function read(text: string, name = 'docker-bake.hcl'): unknown {
  return readBakeFiles([{ name, text }], { facts }).print(['default']);
}

/** Whatever the text is: a result, or a fault of the file. */
function assertTame(text: string, name?: string): void {
  try {
    read(text, name);
  } catch (error) {
    assert.ok(isFault(error), `${String(error)} for ${JSON.stringify(text)}`);
    assert.notEqual(error.code, 'INTERNAL');
  }
}

const pieces = fc.constantFrom(
  'target',
  'group',
  'variable',
  'function',
  ' "default" ',
  ' "a"',
  '{',
  '}',
  '\n',
  ' = ',
  '[',
  ']',
  '(',
  ')',
  ',',
  '"',
  '${',
  '%{ if ',
  '%{ endif }',
  '~}',
  '<<EOF\n',
  '<<-EOF\n',
  '\nEOF\n',
  'for x in ',
  ': ',
  'x',
  '=>',
  '...',
  'args',
  'tags',
  'matrix',
  'name',
  'inherits',
  '1',
  '-',
  '!',
  '?',
  '==',
  '.',
  '.*',
  '[*]',
  '/*',
  '*/',
  '#',
  '\\',
  'null',
  'true',
  'params',
  'result',
  'default',
  'upper(',
  'regex(',
  'format(',
  '"%d"',
  '__proto__',
  'target.a.tags',
);

test('no text makes the reader of HCL throw anything but faults', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => assertTame(parts.join(''))),
    { numRuns: 1500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => assertTame(text)),
    { numRuns: 500 },
  );
});

test('no expression makes the evaluator throw anything but faults', () => {
  const within = (text: string): string => `target "default" {\n args = { x = ${text} }\n}\n`;
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => assertTame(within(parts.join(' ')))),
    { numRuns: 1500 },
  );
});

test('no JSON makes the reader of bake files throw anything but faults', () => {
  fc.assert(
    fc.property(fc.json(), (text) => assertTame(text, 'docker-bake.json')),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.json(), (text) => assertTame(`{"target":{"default":${text}}}`, 'docker-bake.json')),
    { numRuns: 500 },
  );
});

for (const [what, text] of [
  ['brackets', `a = ${'['.repeat(50_000)}`],
  ['parentheses', `a = ${'('.repeat(50_000)}1`],
  ['signs', `a = ${'!'.repeat(50_000)}true`],
  ['templates', `a = ${'"${'.repeat(20_000)}`],
  ['blocks', 'a {'.repeat(20_000)],
  ['a long sum', `a = 1${'+1'.repeat(50_000)}`],
  [
    'doubled texts',
    `${Array.from({ length: 60 }, (_, at) => `v${at + 1} = "\${v${at}}\${v${at}}"`).join('\n')}\nv0 = "ab"`,
  ],
  ['loops in loops', 'a = [for a in range(1000): [for b in range(1000): [for c in range(1000): a]]]'],
  ['functions that call themselves', 'function "f" {\n params = [x]\n result = f(x)\n}\na = f(1)'],
  ['variables in a circle', 'a = b\nb = a'],
  ['a matrix', 'target "default" {\n name = "x"\n matrix = { a = range(1000), b = range(1000) }\n}'],
  [
    'targets in a circle',
    'target "default" {\n inherits = ["a"]\n}\ntarget "a" {\n inherits = ["default"]\n}',
  ],
  ['a pattern of many repetitions', `a = regex("${'.*'.repeat(8)}x", "${'a'.repeat(2000)}")`],
  ['a pattern of many choices', `a = regex("${'a?'.repeat(40)}${'a'.repeat(40)}", "${'a'.repeat(40)}")`],
  ['a pattern that backtracks', `a = regex("(a+)+$", "${'a'.repeat(40)}!")`],
] as const) {
  test(`${what} end in a fault that says where`, () => {
    assert.throws(
      () => read(text),
      (error) => isFault(error, 'PROJECT_PARSE', 'PROJECT_INVALID') && error.location !== undefined,
    );
  });
}

test('a fault says file, line and column, and shows the line', () => {
  assert.throws(
    () => read('target "default" {\n  args = { A = upper(nmae) }\n}\nvariable "name" {}\n'),
    (error) => {
      assert.ok(isFault(error, 'PROJECT_INVALID'));
      assert.equal(error.message, 'there is no variable nmae');
      assert.equal(error.hint, 'Did you mean name?');
      const { snippet, ...place } = error.location ?? { snippet: undefined };
      assert.deepEqual(place, { file: 'docker-bake.hcl', line: 2, column: 22 });
      assert.match(snippet ?? '', /2 \| >>> {3}args/);
      return true;
    },
  );
});

test('attributes and blocks that are not known are named, with what was meant', () => {
  assert.throws(() => read('target "default" {\n  platfroms = []\n}'), /no attribute platfroms/);
  assert.throws(() => read('traget "default" {}'), /no blocks of type traget/);
  assert.throws(() => read('a = uuidv4()'), /not supported: uuidv4/);
});
