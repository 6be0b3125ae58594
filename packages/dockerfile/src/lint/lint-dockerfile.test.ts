import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseIgnoreFile } from '../ignore/ignore-file.ts';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { assertLintPasses } from './assert-lint-passes.ts';
import { type LintOptions, lintDockerfile } from './lint-dockerfile.ts';
import { lintRules } from './rules.ts';

const parse = (lines: readonly string[]) => parseDockerfile(lines.join('\n'), { name: 'Dockerfile' });

function lint(lines: readonly string[], options: LintOptions = {}): readonly string[] {
  return lintDockerfile(parse(lines), options).map(({ rule, location }) => `${rule}:${location.line}`);
}

/** Dockerfile, what is found in it as `Rule:line`. */
const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['nothing', ['FROM scratch AS a', 'COPY x /', 'CMD ["x"]'], []],
  [
    'stage names',
    ['FROM scratch AS Build', 'FROM scratch AS build', 'FROM scratch AS context'],
    ['StageNameCasing:1', 'DuplicateStageName:2', 'ReservedStageName:3'],
  ],
  [
    'AS',
    ['FROM scratch as a', 'from scratch AS b', 'FROM scratch'],
    ['FromAsCasing:1', 'FromAsCasing:2', 'ConsistentInstructionCasing:2'],
  ],
  ['casing', ['from scratch', 'copy a /', 'Copy b /'], ['ConsistentInstructionCasing:3']],
  ['blank continuation', ['FROM scratch', 'COPY a \\', '', '/b'], ['NoEmptyContinuation:4']],
  [
    'shell forms',
    ['FROM scratch', 'ENTRYPOINT a', 'CMD b'],
    ['JSONArgsRecommended:2', 'JSONArgsRecommended:3'],
  ],
  ['shell forms after SHELL', ['FROM scratch AS a', 'SHELL ["x"]', 'FROM a', 'CMD b'], []],
  ['maintainer', ['FROM scratch', 'MAINTAINER me'], ['MaintainerDeprecated:2']],
  [
    'undeclared in FROM',
    ['ARG VERSION=1', 'FROM a:$VERSIN', 'FROM b:${TARGETARCH}$VERSION'],
    ['InvalidDefaultArgInFrom:2', 'UndefinedArgInFrom:2'],
  ],
  [
    'no default',
    ['ARG V', 'FROM a:$V', 'FROM $V'],
    ['InvalidDefaultArgInFrom:2', 'InvalidDefaultArgInFrom:3'],
  ],
  [
    'image names',
    ['FROM Localhost:5000/a/b__c:V1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'FROM a//b'],
    ['InvalidDefaultArgInFrom:2'],
  ],
  [
    'workdir',
    ['FROM scratch AS a', 'WORKDIR b', 'WORKDIR c', 'FROM a', 'WORKDIR d'],
    ['WorkdirRelativePath:2'],
  ],
  [
    'twice',
    ['FROM scratch', 'CMD ["a"]', 'HEALTHCHECK NONE', 'CMD ["b"]', 'HEALTHCHECK NONE'],
    ['MultipleInstructionsDisallowed:2', 'MultipleInstructionsDisallowed:3'],
  ],
  [
    'old form',
    ['FROM scratch', 'ENV a b', 'LABEL c d', 'ENV e=f'],
    ['LegacyKeyValueFormat:2', 'LegacyKeyValueFormat:3'],
  ],
  [
    'platforms',
    [
      'FROM --platform=$TARGETPLATFORM a',
      'FROM --platform=linux/amd64 a',
      'FROM --platform=linux/amd64 a AS x-amd64',
      'FROM --platform=$BUILDPLATFORM a',
    ],
    ['RedundantTargetPlatform:1', 'FromPlatformFlagConstDisallowed:2'],
  ],
  [
    'secrets',
    ['FROM scratch', 'ARG API_TOKEN', 'ENV password=x TOKEN_FILE=y KEYBOARD=z'],
    ['SecretsUsedInArgOrEnv:2', 'SecretsUsedInArgOrEnv:3'],
  ],
  [
    'ports',
    ['FROM scratch', 'EXPOSE 80/TCP 127.0.0.1:1:1 2:2'],
    ['ExposeInvalidFormat:2', 'ExposeInvalidFormat:2', 'ExposeProtoCasing:2'],
  ],
  ['descriptions, off', ['# hello', 'FROM scratch AS a'], []],
  [
    'descriptions, on',
    ['# check=experimental=all', '# hello', 'FROM scratch AS a', '# x is told', 'ARG x', '# no', 'ARG y'],
    ['InvalidDefinitionDescription:3', 'InvalidDefinitionDescription:7'],
  ],
  [
    'variables',
    ['FROM scratch AS a', 'ARG x', 'ENV y=1 z=$w', 'COPY $x$y$z$PATH $ww /', 'FROM a', 'LABEL q=$y$x$no'],
    ['UndefinedVar:3', 'UndefinedVar:4', 'UndefinedVar:6'],
  ],
  ['variables of an unknown base', ['FROM debian', 'LABEL a=$JAVA_HOME'], []],
  [
    'global argument not declared again',
    ['ARG v=1', 'FROM scratch', 'LABEL a=$v', 'ARG v', 'LABEL b=$v'],
    ['UndefinedVar:3'],
  ],
];

for (const [name, lines, wanted] of table) {
  test(name, () => {
    assert.deepEqual([...lint(lines)].sort(), [...wanted].sort());
  });
}

test('the environment of a base image can be given', () => {
  const baseEnvironments = new Map([[0, new Map([['JAVA_HOME', '/j']])]]);
  assert.deepEqual(lint(['FROM jdk', 'LABEL a=$JAVA_HOME b=$JAVA_HOM'], { baseEnvironments }), [
    'UndefinedVar:2',
  ]);
  const [warning] = lintDockerfile(parse(['FROM jdk', 'LABEL b=$JAVA_HOM']), { baseEnvironments });
  assert.match(warning?.message ?? '', /did you mean \$JAVA_HOME/);
});

test('COPY of ignored files', () => {
  const ignore = parseIgnoreFile('a\n*.md\n', { name: '.dockerignore' });
  const lines = [
    'FROM scratch AS x',
    'COPY a/b ./c /',
    'ADD /x.md https://h/a /',
    'FROM scratch',
    'COPY --from=x a /',
    'COPY . /',
  ];
  assert.deepEqual(lint(lines, { ignore }), ['CopyIgnoredFile:2', 'CopyIgnoredFile:3']);
  assert.deepEqual(lint(['FROM scratch', 'COPY . /'], { ignore: parseIgnoreFile('*', { name: 'i' }) }), [
    'CopyIgnoredFile:2',
  ]);
  assert.deepEqual(
    lint(['FROM scratch', 'COPY a /'], { ignore: parseIgnoreFile('*\n!a', { name: 'i' }) }),
    [],
  );
});

test('stages that are not built are not looked at', () => {
  assert.deepEqual(lint(['FROM scratch', 'CMD a', 'FROM scratch', 'CMD b'], { stages: new Set([1]) }), [
    'JSONArgsRecommended:4',
  ]);
});

test('checks are skipped for the file or for one instruction', () => {
  assert.deepEqual(
    lint(['# check=skip=JSONArgsRecommended, MaintainerDeprecated', 'FROM scratch', 'CMD a', 'MAINTAINER x']),
    [],
  );
  assert.deepEqual(lint(['# check=skip=all', 'FROM scratch AS A', 'CMD a']), []);
  assert.deepEqual(lint(['FROM scratch', '# check=skip=JSONArgsRecommended', 'CMD a', 'ENTRYPOINT b']), [
    'JSONArgsRecommended:4',
  ]);
});

test('warnings become an error on request', () => {
  const file = parse(['# check=error=true', 'FROM scratch', 'CMD a']);
  assert.throws(
    () => assertLintPasses(file, lintDockerfile(file)),
    (error) =>
      isFault(error, 'DOCKERFILE_INSTRUCTION') &&
      error.location?.line === 3 &&
      error.message.includes('JSONArgsRecommended'),
  );
  assertLintPasses(file, []);
  const other = parse(['FROM scratch', 'CMD a']);
  assertLintPasses(other, lintDockerfile(other));
});

test('a check directive that says nothing known is refused', () => {
  for (const check of ['skip', 'error=perhaps', 'skp=all', 'skip=a;x=b']) {
    assert.throws(
      () => lint([`# check=${check}`, 'FROM a']),
      (error) => isFault(error, 'DOCKERFILE_PARSE') && error.location?.line === 1,
      check,
    );
  }
});

test('what cannot be expanded is left to the build', () => {
  assert.deepEqual(lint(['ARG a=${X:?}', 'FROM scratch', 'LABEL b=${Y:?}', 'CMD ["x"]']), []);
});

test('every rule is documented', () => {
  for (const [name, { title, doc }] of Object.entries(lintRules)) {
    assert.ok(title.length > 10 && doc.length > 60 && doc.endsWith('.'), name);
  }
});
