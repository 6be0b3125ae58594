import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type HostileBench, hostileFolders, type Outcome, openHostileBench } from './hostile-bench.ts';

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');
const scratch = 'FROM scratch\n';

describe('hostile Dockerfiles', { timeout: 120_000 }, () => {
  let bench: HostileBench;
  let path: string;
  before(async () => {
    bench = await openHostileBench(hostileFolders());
    path = bench.contextOf({ f: 'x', aaaaa: 'y' });
  });
  after(() => bench.close());
  const outcomeOf = (text: string, context = path) =>
    bench.outcomeOf(text, { context: { type: 'folder', path: context } });

  const texts: Readonly<Record<string, readonly [string, ...Outcome[]]>> = {
    nothing: ['', 'DOCKERFILE_PARSE', 'DOCKERFILE_STAGE', 'DOCKERFILE_INSTRUCTION'],
    'control characters': [
      '\u0000\u0001\u0002\ufffe'.repeat(1000),
      'DOCKERFILE_PARSE',
      'DOCKERFILE_INSTRUCTION',
    ],
    '100,000 variables of each other': [
      `${scratch}${lines(100_000, (at) => `ENV A${at % 50}=$A${(at + 1) % 50}x`)}`,
      'works',
      'DOCKERFILE_EXPANSION',
    ],
    '100,000 variables': [`${scratch}${lines(100_000, (at) => `ENV A${at}=x`)}`, 'works'],
    '100,000 labels': [`${scratch}${lines(100_000, (at) => `LABEL a${at}=x`)}`, 'works'],
    '100,000 arguments': [
      `ARG A=1\n${lines(100_000, (at) => `ARG B${at}=\${A}`)}\nFROM scratch\nCOPY f /`,
      'works',
    ],
    '99,000 comments': [`${scratch}${'# comment\n'.repeat(99_000)}COPY . /\n`, 'works'],
    'a line of 3 MB': [`${scratch}LABEL a=${'x'.repeat(3_000_000)}\n`, 'works', 'DOCKERFILE_PARSE'],
    '20,000 variables on one line': [
      `${scratch}ENV A=1 ${'B=$A$A$A$A '.repeat(20_000)}\n`,
      'works',
      'DOCKERFILE_PARSE',
      'DOCKERFILE_EXPANSION',
    ],
    'a variable that doubles itself': [
      `${scratch}ARG A=aaaaaaaaaa\n${'ARG A=$A$A$A$A\n'.repeat(30)}ENV B=$A\n`,
      'DOCKERFILE_EXPANSION',
    ],
    '3,000 stages': [scratch.repeat(3000), 'works'],
    '20,000 stages that nobody needs': [
      `${lines(20_000, (at) => `FROM base${at} AS s${at}`)}\n${scratch}COPY f /\n`,
      'works',
    ],
    'a chain of 5,000 stages': [
      `FROM scratch AS s0\n${lines(5000, (at) => `FROM s${at} AS s${at + 1}\nENV A=${at}`)}\nCOPY f /\n`,
      'works',
    ],
    'a chain of 1,000 copies from stage to stage': [
      `FROM scratch AS s0\nCOPY f /f\n${lines(1000, (at) => `FROM scratch AS s${at + 1}\nCOPY --from=s${at} /f /f`)}`,
      'works',
    ],
    'stages in a circle': [
      'FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nCOPY --from=a / /\n',
      'DOCKERFILE_STAGE',
    ],
    'more steps than an image has layers': [
      `${scratch}${lines(5000, (at) => `COPY f /f${at}`)}`,
      'DOCKERFILE_STAGE',
    ],
    'a working folder that grows': [
      `${scratch}${lines(5000, (at) => `WORKDIR d${at}`)}`,
      'DOCKERFILE_INSTRUCTION',
      'DOCKERFILE_STAGE',
    ],
    'defaults in defaults': [
      `${scratch}ENV A=${'${a:-'.repeat(1000)}x${'}'.repeat(1000)}\n`,
      'DOCKERFILE_EXPANSION',
    ],
    'defaults without an end': [
      `${scratch}ENV A=${'${B:-'.repeat(5000)}\n`,
      'DOCKERFILE_EXPANSION',
      'DOCKERFILE_PARSE',
    ],
    'patterns that try everything': [
      `${scratch}ARG a=${'a'.repeat(5000)}\nENV B=\${a##${'*a'.repeat(2000)}b}\nENV C=\${a//${'*a'.repeat(200)}b/x}\n`,
      'works',
      'DOCKERFILE_EXPANSION',
    ],
    'sources that try everything': [
      `${scratch}COPY ${'*a'.repeat(2000)} ${'a*'.repeat(500)}b /x/\n`,
      'works',
      'SOURCE_NOT_FOUND',
    ],
    'an open bracket': [`${scratch}COPY ${'*'.repeat(2000)}[ /x/\n`, 'DOCKERFILE_INSTRUCTION'],
    'a nest of brackets': [
      `${scratch}CMD ${'['.repeat(50_000)}\n`,
      'works',
      'DOCKERFILE_PARSE',
      'DOCKERFILE_INSTRUCTION',
    ],
    'a quote too many': [`${scratch}LABEL ${'"'.repeat(10_001)}\n`, 'DOCKERFILE_PARSE'],
    'a heredoc without an end': [`${scratch}RUN ${'<<E '.repeat(2000)}\n`, 'DOCKERFILE_PARSE'],
    '500 heredocs': [
      `${scratch}COPY ${lines(500, (at) => `<<E${at}`).replaceAll('\n', ' ')} /d/\n${lines(500, (at) => `x\nE${at}`)}\n`,
      'works',
    ],
    '200,000 lines that go on': [
      `${scratch}LABEL ${'\\\n'.repeat(200_000)}a=b\n`,
      'works',
      'DOCKERFILE_PARSE',
    ],
  };
  for (const [name, [text, ...outcomes]] of Object.entries(texts)) {
    it(name, async () => {
      const got = await outcomeOf(text);
      assert.ok(outcomes.includes(got), got);
    });
  }

  const patterns: Readonly<Record<string, readonly [string, ...Outcome[]]>> = {
    'stars that try everything': [`${'*a'.repeat(1000)}b\n`.repeat(100), 'works'],
    'double stars that try everything': [
      `${'**/a*'.repeat(300)}b\n!${'**/'.repeat(300)}x\n`.repeat(50),
      'works',
    ],
    '100,000 patterns': [lines(100_000, (at) => `${at % 2 ? '!' : ''}d${at}/**/x?`), 'works'],
    'ways out': ['../../..\n/..\n!../../etc/passwd\n!/\n', 'works', 'IGNORE_PATTERN'],
    'open brackets': ['[a-\n[\n\\\n', 'IGNORE_PATTERN'],
    'control characters': ['\u0000\u0001\n\u001b[2J\n', 'works', 'IGNORE_PATTERN'],
    'a line of 3 MB': ['a'.repeat(3_000_000), 'works', 'IGNORE_PATTERN', 'DOCKERFILE_PARSE'],
  };
  for (const [name, [text, ...outcomes]] of Object.entries(patterns)) {
    it(`an ignore file with ${name}`, async () => {
      const context = bench.contextOf({
        '.dockerignore': text,
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 'x',
        f: 'x',
      });
      const got = await outcomeOf(`${scratch}COPY . /\n`, context);
      assert.ok(outcomes.includes(got), got);
    });
  }

  it('whatever comes, a build ends in one clear fault, or works', async () => {
    const words = [
      'FROM',
      'scratch',
      'AS',
      'a',
      'COPY',
      '--from=a',
      '--from=b',
      'f',
      '/',
      '.',
      'ENV',
      'A=$A',
      '${A:-',
      '}',
      'ARG',
    ];
    const odd = [
      'ONBUILD',
      'ADD',
      'http://x',
      '<<E',
      'E',
      '\\\n',
      '"',
      "'",
      '[',
      ']',
      '#',
      '# escape=`',
      '\u0000',
      '--chmod=',
      '🦀',
    ];
    const word = fc.oneof(fc.constantFrom(...words, ...odd), fc.string({ maxLength: 6 }));
    const text = fc
      .array(fc.tuple(word, fc.constantFrom(' ', '\n', '')), { maxLength: 25 })
      .map((parts) => scratch + parts.flat().join(''));
    const offline = (value: string) =>
      !/^\s*(?:ONBUILD\s+)*(?:RUN|ADD|FROM)|--from/im.test(value.slice(scratch.length));
    await fc.assert(
      fc.asyncProperty(text.filter(offline), async (value) => {
        await outcomeOf(value);
      }),
      { numRuns: 60 },
    );
  });
});
