import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixDockerfile } from '../fix/fix-dockerfile.ts';
import { parseIgnoreFile } from '../ignore/ignore-file.ts';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { lintDockerfile } from './lint-dockerfile.ts';
import { lintTogether } from './lint-together.ts';
import { type LintExample, lintRuleNames, lintRules } from './rules.ts';

function findRules(example: LintExample, experimental: ReadonlySet<string>): readonly string[] {
  const files = typeof example === 'string' ? { Dockerfile: example } : example;
  const { '.dockerignore': ignoreText, ...texts } = files as Readonly<Record<string, string>>;
  const ignore =
    ignoreText === undefined ? undefined : parseIgnoreFile(ignoreText, { name: '.dockerignore' });
  const dockerfiles = Object.entries(texts).map(([name, text]) => parseDockerfile(text, { name }));
  const options = { practice: true, experimental, ...(ignore && { ignore }) };
  return [
    ...dockerfiles.flatMap((dockerfile) => lintDockerfile(dockerfile, options)),
    ...lintTogether(dockerfiles.map((dockerfile) => ({ folder: '', dockerfile }))),
  ].map(({ rule }) => rule);
}

for (const name of lintRuleNames) {
  test(`${name}: found in the bad example, not in the good one`, () => {
    const { bad, good, fixable } = lintRules[name];
    const own = new Set([name]);
    assert.ok(findRules(bad, own).includes(name));
    assert.ok(!findRules(good, own).includes(name));
    // what the good example shows is good in every respect, but for what costs a whole page to say
    const others = new Set(['UnpinnedBase', 'MissingUser', 'UndefinedVar', 'UndefinedArgInFrom']);
    assert.deepEqual(
      findRules(good, new Set()).filter((rule) => !others.has(rule)),
      [],
    );
    if (typeof bad !== 'string' || fixable !== true) return;
    const { fixed } = fixDockerfile(parseDockerfile(bad, { name: 'Dockerfile' }), { practice: true });
    if (name !== 'PackageCacheLeft') assert.ok(fixed.some(({ rule }) => rule === name));
  });
}
