import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostMatcher, isLoopback } from './host-pattern.ts';

const cases: readonly [patterns: string, url: string, plain: boolean, subdomains: boolean][] = [
  ['example.com', 'https://example.com', true, true],
  ['EXAMPLE.com', 'https://example.COM.', true, true],
  ['example.com', 'https://a.example.com', false, true],
  ['example.com', 'https://notexample.com', false, false],
  ['.example.com', 'https://example.com', false, false],
  ['.example.com', 'https://a.example.com', false, true],
  ['*.example.com', 'https://a.b.example.com', false, true],
  ['example.com:5000', 'https://example.com:5000', true, true],
  ['example.com:5000', 'https://example.com', false, false],
  ['example.com:443', 'https://example.com', true, true],
  ['10.0.0.0/8', 'http://10.9.8.7:5000', true, true],
  ['10.0.0.0/8', 'http://11.0.0.1', false, false],
  ['10.0.0.0/99', 'http://10.0.0.1', false, false],
  ['fd00::/8', 'http://[fd12::1]:80', true, true],
  ['fd00::1', 'http://[fd00::1]', true, true],
  ['[fd00::1]:5000', 'http://[fd00::1]:5000', true, true],
  ['*', 'http://anything', true, true],
  ['a/b/c', 'http://a', false, false],
  ['', 'http://a', false, false],
];

for (const [pattern, url, plain, subdomains] of cases) {
  test(`${JSON.stringify(pattern)} and ${url}`, () => {
    assert.equal(createHostMatcher([pattern], { subdomains: false })(new URL(url)), plain);
    assert.equal(createHostMatcher([pattern], { subdomains: true })(new URL(url)), subdomains);
  });
}

test('loopback is known by its addresses and its name alone', () => {
  for (const url of [
    'http://localhost:1',
    'http://127.0.0.1',
    'http://127.9.9.9',
    'http://[::1]:5000',
    'http://2130706433',
  ]) {
    assert.ok(isLoopback(new URL(url)), url);
  }
  for (const url of [
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
    'http://[::2]',
  ]) {
    assert.ok(!isLoopback(new URL(url)), url);
  }
});
