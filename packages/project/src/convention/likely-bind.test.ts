import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conventionProject } from './convention-project.ts';
import { hintLikelyBind } from './likely-bind.ts';

function hint(name: string, ...files: readonly string[]): string | undefined {
  const dockerfiles = files.map((file) => ({ name: file, text: 'FROM a' }));
  const project = conventionProject({ folder: 'shop', dockerfiles });
  const target = project?.targets.at(-1);
  assert.ok(project !== undefined && target !== undefined);
  return hintLikelyBind(name, target, project);
}

test('a bare name in a folder with variants may mean one', () => {
  assert.equal(
    hint('some-helper:latest', 'Dockerfile', 'Dockerfile.b'),
    'If the variant standard is meant: --bind some-helper:latest=standard, or in onebuild.yaml bind: { "some-helper:latest": standard }.',
  );
  assert.match(hint('ops/helper', 'Dockerfile.a', 'Dockerfile.b') ?? '', /the variant a is meant/);
});

test('names of certain images, and those in folders without variants, do not', () => {
  for (const name of [
    'helper:1',
    'helper@sha256:0',
    'reg.io/helper',
    'localhost/helper',
    'reg:5000/helper',
  ]) {
    assert.equal(hint(name, 'Dockerfile', 'Dockerfile.b'), undefined, name);
  }
  assert.equal(hint('helper', 'Dockerfile'), undefined);
});
