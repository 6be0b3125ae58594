import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { expandWord, expandWords } from './expand-word.ts';

const env = new Map([
  ['A', 'one'],
  ['EMPTY', ''],
  ['PATHS', '/usr/lib:/usr/local/lib'],
  ['FACE', '👽x👽'],
]);
const expand = (word: string) => expandWord(word, env).result;

function refuses(word: string, message: RegExp): void {
  assert.throws(
    () => expandWord(word, env),
    (error) => isFault(error, 'DOCKERFILE_EXPANSION') && message.test(error.message),
  );
}

test('modifiers nest, and each reads its own word', () => {
  assert.equal(expand('${X:-${Y:-${A}}}'), 'one');
  assert.equal(expand('${A:+<${A}>}'), '<one>');
  assert.equal(expand("${X:-'}'}"), '}');
  assert.equal(expand('${EMPTY-default}${EMPTY:-default}'), 'default');
});

test('patterns cut from both ends, the shortest or the longest way', () => {
  assert.equal(expand('${PATHS#*/}'), 'usr/lib:/usr/local/lib');
  assert.equal(expand('${PATHS##*/}'), 'lib');
  assert.equal(expand('${PATHS%/*}'), '/usr/lib:/usr/local');
  assert.equal(expand('${PATHS%%/*}'), '');
  assert.equal(expand('${FACE#?}'), 'x👽');
  assert.equal(expand('${FACE%?}'), '👽x');
});

test('replacement, once and everywhere', () => {
  assert.equal(expand('${PATHS/usr/opt}'), '/opt/lib:/usr/local/lib');
  assert.equal(expand('${PATHS//usr/opt}'), '/opt/lib:/opt/local/lib');
  assert.equal(expand('${PATHS//\\//_}'), '_usr_lib:_usr_local_lib');
  assert.equal(expand('${A//*/x}'), 'x');
  assert.equal(expand('${EMPTY//*/x}'), 'x');
  assert.equal(expand('${A//?/$A}'), 'oneoneone');
});

test('names that are not set are told once, in order', () => {
  assert.deepEqual(expandWord('$Y${X:-$Z}$Y$A', env).unmatched, ['Y', 'Z', 'X']);
});

test('the escape character is the one of the Dockerfile', () => {
  assert.equal(expandWord('`$A \\$A', env, { escape: '`' }).result, '$A \\one');
});

test('raw quotes, plain quotes and unset variables are kept on request', () => {
  assert.equal(expandWord(`"$A" '$A'`, env, { rawQuotes: true }).result, `"one" '$A'`);
  assert.equal(expandWord(`"$A" '$A'`, env, { plainQuotes: true }).result, `"one" 'one'`);
  assert.equal(
    expandWord('$NO ${NO} ${NO:-x} ${NO/a/b} $A', env, { keepUnset: true }).result,
    '$NO ${NO} ${NO:-x} ${NO/a/b} one',
  );
});

test('words split at white space that is not quoted, also inside values', () => {
  const spaced = new Map([['S', ' a  b ']]);
  assert.deepEqual(expandWords('x$S"$S"y 80${NO:-80}', spaced).words, ['x', 'a', 'b', ' a  b y', '8080']);
});

test('what cannot be read is refused', () => {
  refuses('${A', /unsupported|not supported/);
  refuses('${', /missing/);
  refuses('${}', /no substitution/);
  refuses('${A:-x', /'}' is missing/);
  refuses('${A:=x}', /not supported/);
  refuses('${A:#x}', /not supported/);
  refuses('"open', /not closed/);
  refuses("'open", /not closed/);
  refuses('${X?}', /X: is not allowed to be unset/);
  refuses('${EMPTY:?say why}', /EMPTY: say why/);
  refuses('${A/\\n/x}', /no valid escape/);
});

test('depth, pattern and result are bounded', () => {
  refuses(`${'${X:-'.repeat(5000)}${'}'.repeat(5000)}`, /inside each other/);
  refuses(`\${A#${'a'.repeat(2000)}}`, /longer than/);
  const large = new Map([['L', 'x'.repeat(1_000_000)]]);
  assert.throws(() => expandWord('$L'.repeat(50), large), /too long/);
  assert.throws(() => expandWord(`"${'$L'.repeat(50)}"`, large), /too long/);
  assert.throws(() => expandWord(`\${L//x/${'y'.repeat(100)}}`, large), /too long/);
});

test('many wildcards on a long value end at once', () => {
  const value = new Map([['V', 'a'.repeat(20_000)]]);
  assert.equal(expandWord(`\${V#${'*a'.repeat(200)}b}`, value).result.length, 20_000);
  assert.equal(expandWord(`\${V//${'*a'.repeat(200)}b/x}`, value).result.length, 20_000);
});

test('patterns agree with regular expressions', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '👽'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '👽'), minLength: 1, maxLength: 6 });
  const source = (glob: string, star: string) => glob.replaceAll('?', '.').replaceAll('*', star);
  fc.assert(
    fc.property(text, pattern, (value, glob) => {
      const values = new Map([['V', value]]);
      const lazy = new RegExp(`^${source(glob, '.*?')}`, 'su');
      const greedy = new RegExp(`^${source(glob, '.*')}`, 'su');
      assert.equal(expandWord(`\${V#${glob}}`, values).result, value.replace(lazy, ''));
      assert.equal(expandWord(`\${V##${glob}}`, values).result, value.replace(greedy, ''));
      assert.equal(
        expandWord(`\${V/${glob}/-}`, values).result,
        value.replace(new RegExp(source(glob, '.*'), 'su'), '-'),
      );
      const back = new RegExp(`^(.*)${source(glob, '.*')}$`, 'su').exec(value);
      assert.equal(expandWord(`\${V%${glob}}`, values).result, back?.[1] ?? value);
    }),
    { numRuns: 500 },
  );
});

test('any text is expanded or refused with a fault', () => {
  const unit = fc.constantFrom(
    '$',
    '{',
    '}',
    ':',
    '-',
    '+',
    '?',
    '#',
    '%',
    '/',
    '\\',
    '"',
    "'",
    'A',
    'X',
    ' ',
    '*',
    '<',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (word) => {
      try {
        expandWord(word, env);
      } catch (error) {
        assert.ok(isFault(error, 'DOCKERFILE_EXPANSION'), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('names with dots, and faults for names without value, where they are asked for', () => {
  const facts = new Map([
    ['git.sha', 'abc'],
    ['git', 'g'],
    ['EMPTY', ''],
  ]);
  const strict = (word: string): string =>
    expandWord(word, facts, { dottedNames: true, onUnset: (name) => new Error(`unset ${name}`) }).result;
  assert.equal(strict('${git.sha}-$git.sha-${git.sha%c}'), 'abc-g.sha-ab');
  assert.equal(strict('${a.b:-x}${a.b:+y}${EMPTY:-z}'), 'xz');
  // a word that is not used may use what has no value
  assert.equal(strict('${git:-${a.b}}${a.b+${c}}${EMPTY-$d}'), 'g');
  for (const word of ['${a.b}', '$a', '${a#x}', '${a%x}', '${a/x/y}', '${a:-$b}', '${git:+$b}']) {
    assert.throws(() => strict(word), /^Error: unset [ab]/, word);
  }
  assert.throws(() => expandWord('${git.sha}', facts), /is not supported/);
});
