import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { meaning } from '../../test/meaning.ts';
import { casesFolder, needsCases } from '../../test/shared-cases.ts';
import type { Dockerfile } from '../dockerfile.ts';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { lintDockerfile } from '../lint/lint-dockerfile.ts';
import { lintRules } from '../lint/rules.ts';
import { applyEdits, findEdits } from './find-edits.ts';
import { fixDockerfile } from './fix-dockerfile.ts';

const practice = { practice: true };

/** The Dockerfiles of the cases that are Dockerfiles at all. */
function* readCorpus(): Generator<Dockerfile> {
  const golden = join(casesFolder, 'parser/golden');
  for (const name of readdirSync(golden))
    yield* tryParse(name, readFileSync(join(golden, name, 'Dockerfile')));
  const visible = join(casesFolder, 'visible');
  for (const name of readdirSync(visible)) {
    const { dockerfile } = JSON.parse(readFileSync(join(visible, name, 'case.json'), 'utf8')) as {
      dockerfile: string;
    };
    const archive = join(visible, name, 'context.tar');
    const command = ['-xOf', archive, '--wildcards', '--no-anchored', dockerfile];
    yield* tryParse(name, execFileSync('tar', command, { stdio: ['ignore', 'pipe', 'ignore'] }));
  }
}

function* tryParse(name: string, bytes: Uint8Array): Generator<Dockerfile> {
  try {
    yield parseDockerfile(bytes, { name });
  } catch (error) {
    if (!isFault(error)) throw error;
  }
}

test(
  'corrected Dockerfiles of all cases build the same, and nothing is left to correct',
  needsCases('visible'),
  () => {
    let seen = 0;
    let corrected = 0;
    for (const before of readCorpus()) {
      const { dockerfile: after, fixed } = fixDockerfile(before, practice);
      seen++;
      if (fixed.length > 0) corrected++;
      assert.deepEqual(meaning(after), meaning(before), before.name);
      assert.equal(fixDockerfile(after, practice).dockerfile.text, after.text, before.name);
      for (const warning of lintDockerfile(after, practice)) {
        assert.deepEqual(findEdits(after, warning), [], `${before.name}: ${warning.rule}`);
      }
    }
    assert.ok(seen > 300);
    assert.ok(corrected > 20);
  },
);

test('a correction that is applied alone takes its finding away', needsCases('visible'), () => {
  for (const before of readCorpus()) {
    for (const warning of lintDockerfile(before, practice)) {
      const edits = findEdits(before, warning);
      if (edits.length === 0) continue;
      assert.ok(lintRules[warning.rule].fixable, warning.rule);
      const after = parseDockerfile(applyEdits(before.text, edits), { name: before.name });
      const left = lintDockerfile(after, practice).filter(({ rule }) => rule === warning.rule);
      const count = lintDockerfile(before, practice).filter(({ rule }) => rule === warning.rule).length;
      assert.ok(left.length < count, `${before.name}: ${warning.rule}`);
    }
  }
});
