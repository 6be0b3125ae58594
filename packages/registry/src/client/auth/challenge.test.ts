import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseChallenges } from './challenge.ts';

function read(header: string | undefined) {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

const cases: readonly [header: string | undefined, expected: readonly unknown[]][] = [
  [undefined, []],
  ['', []],
  ['Basic realm="x"', [['basic', { realm: 'x' }]]],
  ['BASIC  REALM = "x y" , charset=UTF-8', [['basic', { realm: 'x y', charset: 'UTF-8' }]]],
  [
    'Bearer realm="https://auth.example/token",service="a.example",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        { realm: 'https://auth.example/token', service: 'a.example', scope: 'repository:a/b:pull,push' },
      ],
    ],
  ],
  ['Bearer realm="a\\"b\\\\c"', [['bearer', { realm: 'a"b\\c' }]]],
  [
    'Negotiate, Bearer realm="a", Basic realm="b"',
    [
      ['negotiate', {}],
      ['bearer', { realm: 'a' }],
      ['basic', { realm: 'b' }],
    ],
  ],
  [
    'NTLM TlRMTVNTUAAB==, Basic realm="b"',
    [
      ['ntlm', {}],
      ['basic', { realm: 'b' }],
    ],
  ],
  ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
  ['Bearer realm="never ends', [['bearer', {}]]],
  ['Bearer realm=', [['bearer', {}]]],
  ['Bearer', [['bearer', {}]]],
  [', ,Basic realm=x', [['basic', { realm: 'x' }]]],
  ['"quoted"', []],
];

for (const [header, expected] of cases) {
  test(`challenge ${header}`, () => assert.deepEqual(read(header), expected));
}

test('any text is read without a fault, in bounded time and number', () => {
  const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', 'a', '\t', '==', '/');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      assert.ok(parseChallenges(pieces.join('')).length <= 8);
    }),
  );
  for (const hostile of ['"', 'a', 'a=', ' ', ',', '\\', 'a="\\', 'a ', '/=']) {
    assert.ok(parseChallenges(`Bearer ${hostile.repeat(16_000 / hostile.length)}`).length <= 8);
  }
  assert.deepEqual(parseChallenges('Basic '.repeat(10_000)), []);
});
