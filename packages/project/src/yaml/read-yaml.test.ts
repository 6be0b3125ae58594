import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OneBuildError } from '@onebuild/core';
import { type ReadYamlOptions, readYaml, type YamlPath } from './read-yaml.ts';

function read(text: string, options?: ReadYamlOptions) {
  return readYaml({ name: 'a.yaml', text }, options);
}

function place(text: string, path: YamlPath, at?: 'key'): string {
  const { line, column, endLine } =
    read(text).fault(path, { message: 'x', ...(at && { at }) }).location ?? {};
  return `${line}:${column}${endLine === undefined ? '' : `-${endLine}`}`;
}

function complaint(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof OneBuildError && error.code === 'PROJECT_PARSE', String(error));
    return `${error.location?.line}:${error.location?.column} ${error.message}`;
  }
  return 'no fault';
}

describe('values', () => {
  it('come as they are, or numbers as they are written', () => {
    const text = 'a: 1.20\nb: [0x1F, true, ~, "7"]\n1: x\n';
    assert.deepEqual(read(text).value, { a: 1.2, b: [31, true, null, '7'], 1: 'x' });
    assert.deepEqual(read(text, { numbersAsText: true }).value, {
      a: '1.20',
      b: ['0x1F', true, null, '7'],
      1: 'x',
    });
  });

  it('are merged where that is asked for', () => {
    const text = 'a: &a { x: y }\nb: { <<: *a, z: w }\n';
    assert.deepEqual(read(text, { merge: true }).value, { a: { x: 'y' }, b: { x: 'y', z: 'w' } });
  });

  it('of an empty document are undefined', () => {
    for (const text of ['', '# nothing\n', '---\n', '~']) assert.equal(read(text).value, undefined);
  });
});

describe('places', () => {
  const text = 'a:\n  b: [x, yy]\n  c: &c\n    d: |\n      one\n      two\ne: *c\nf:\n';
  it('are those of values, of maps and lists those of their keys', () => {
    assert.equal(place(text, ['a', 'b', 1]), '2:10');
    assert.equal(place(text, ['a', 'b']), '2:3');
    assert.equal(place(text, ['a', 'c', 'd']), '4:8-6');
    assert.equal(place(text, ['a', 'b'], 'key'), '2:3');
    assert.equal(place(text, ['f']), '8:1');
  });
  it('lead through aliases, and end above where a path leads nowhere', () => {
    assert.equal(place(text, ['e', 'd']), '4:8-6');
    assert.equal(place(text, ['a', 'x', 'y']), '1:1');
    assert.equal(place(text, []), '1:1-8');
    assert.equal(place('', ['a']), '1:1');
  });
  it('count columns of a file with carriage returns and a byte order mark', () => {
    assert.equal(place('\uFEFFa: b\r\nc: d\r\n', ['c']), '2:4');
  });
});

describe('faults', () => {
  const cases: readonly (readonly [text: string, expected: RegExp])[] = [
    ['a: 1\na: 2\n', /^2:1 a key is written twice/],
    ['a:\n\tb: 1\n', /^2:1 /],
    ['a: 1\n---\nb: 2\n', /^2:1 the file has more than one document/],
    ['a: "x\n', /^1:\d missing closing "quote/],
    ['{a: 1}: b\n', /^1:1 a key is a map or a list/],
    ['a: *b\n', /alias/],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), () => {
      assert.match(complaint(text), expected);
    });
  }
});
