import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { meaning } from '../../test/meaning.ts';
import type { Dockerfile } from '../dockerfile.ts';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { isDockerRule } from '../lint/rules.ts';
import { fixDockerfile } from './fix-dockerfile.ts';

const parse = (text: string) => parseDockerfile(text, { name: 'Dockerfile' });
const fix = (text: string) => fixDockerfile(parse(text), { practice: true }).dockerfile.text;

const table: readonly (readonly [string, string, string])[] = [
  [
    'casing',
    'From a AS Build\ncopy a \\\n  # why\n  b\r\nRUN c',
    'FROM a AS build\nCOPY a \\\n  # why\n  b\r\nRUN c',
  ],
  ['AS, lower', 'from a:1 AS b\ncopy . .\n', 'from a:1 as b\ncopy . .\n'],
  ['blank lines', 'FROM a\nRUN b \\\n\n \t\n  c\n\nRUN d', 'FROM a\nRUN b \\\n  c\n\nRUN d'],
  ['old form', 'FROM a\nENV  a   b c\nLABEL x $y', 'FROM a\nENV  a="b c"\nLABEL x=$y'],
  [
    'old form that stays',
    'FROM a\nENV a "b" c\nENV d e \\\n f\nENV g h\\ i',
    'FROM a\nENV a "b" c\nENV d e \\\n f\nENV g h\\ i',
  ],
  ['platform', 'FROM  --platform=$TARGETPLATFORM a\nUSER b', 'FROM a\nUSER b'],
  [
    'author',
    'from a\nmaintainer  A <a@b.c> \nuser d',
    'from a\nlabel org.opencontainers.image.authors="A <a@b.c>" \nuser d',
  ],
  ['author that stays', 'FROM a\nMAINTAINER "A"', 'FROM a\nMAINTAINER "A"'],
  ['ports', 'FROM a\nEXPOSE 80/TCP 1-2/Udp $X/TCP', 'FROM a\nEXPOSE 80/tcp 1-2/udp $X/TCP'],
  [
    'packages',
    'FROM a\nRUN apt-get update && \\\n  apt-get  install \\\n # x\n  b && apt-get install -y c \\\n && rm -rf /var/lib/apt/lists/*',
    'FROM a\nRUN apt-get update && \\\n  apt-get  install -y \\\n # x\n  b && apt-get install -y c \\\n && rm -rf /var/lib/apt/lists/*',
  ],
  [
    'caches',
    'FROM a\nRUN apk add b && pip install c',
    'FROM a\nRUN apk add --no-cache b && pip install --no-cache-dir c',
  ],
  ['a byte order mark', '\uFEFFFROM a\nEnv a b', '\uFEFFFROM a\nENV a=b'],
  [
    'what is to be skipped',
    '# check=skip=LegacyKeyValueFormat\nFROM a\nENV a b',
    '# check=skip=LegacyKeyValueFormat\nFROM a\nENV a b',
  ],
];

for (const [name, before, after] of table) {
  test(`fix: ${name}`, () => assert.equal(fix(before), after));
}

test('corrections of form keep the meaning, and once is enough', () => {
  const word = fc.constantFrom(
    'a',
    'Build',
    '$X',
    '"q r"',
    'b\\ c',
    '80/TCP',
    'x=y',
    '${V:-w v}',
    'é',
    "'s'",
    '#',
    '@',
  );
  const gap = fc.constantFrom(' ', '  ', '\t', ' \\\n', ' \\\n  # comment\n ', ' \\\n\n ', ' \\ \n\t');
  const keyword = fc.constantFrom(
    'ENV',
    'env',
    'Label',
    'MAINTAINER',
    'maintainer',
    'EXPOSE',
    'run',
    'RUN',
    'User',
    'COPY a',
  );
  const line = fc
    .tuple(
      keyword,
      fc.array(fc.tuple(gap, word), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', ' ', '\r'),
    )
    .map(([key, words, tail]) => key + words.flat().join('') + tail);
  const from = fc.constantFrom(
    'FROM a',
    'from a AS Build',
    'From  --platform=$TARGETPLATFORM a as b',
    'FROM a as \\\n Cc',
  );
  let corrected = 0;
  fc.assert(
    fc.property(
      from,
      fc.array(line, { maxLength: 6 }),
      fc.constantFrom('', '\n', '\n# end'),
      (first, lines, end) => {
        const text = [first, ...lines].join('\n') + end;
        let before: Dockerfile;
        try {
          before = parse(text);
        } catch {
          return;
        }
        const { dockerfile: after, fixed } = fixDockerfile(before, {
          wanted: ({ rule }) => isDockerRule(rule),
        });
        assert.deepEqual(meaning(after), meaning(before), text);
        assert.equal(fixDockerfile(after, {}).dockerfile.text, after.text);
        if (fixed.length > 0) corrected++;
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(corrected > 20);
});
