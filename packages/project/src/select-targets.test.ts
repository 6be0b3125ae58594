import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOnebuildFile } from './onebuild/read-onebuild-file.ts';
import { selectTargets } from './select-targets.ts';

const project = readOnebuildFile(
  {
    name: 'onebuild.yaml',
    text: `
components:
  web: { variants: { standard: , kylin: { bind: { "web:latest": standard } } } }
  db: { bind: { x: web.kylin } }
groups: { both: [db, web.standard], round: [round, both] }
default: web.kylin
`,
  },
  { env: {} },
);

function select(...names: readonly string[]) {
  const { targets, needed } = selectTargets(project, names);
  return [targets, needed].map((list) => list.map(({ name }) => name));
}

test('targets, groups, components and variants are selected, in the order of the project', () => {
  assert.deepEqual(select('db', 'web'), [['web.standard', 'web.kylin', 'db'], []]);
  assert.deepEqual(select('both'), [['web.standard', 'db'], ['web.kylin']]);
  assert.deepEqual(select('kylin'), [['web.kylin'], ['web.standard']]);
});

test('without names the defaults are, and what they are bound to is needed', () => {
  assert.deepEqual(select(), [['web.kylin'], ['web.standard']]);
  assert.deepEqual(select('db'), [['db'], ['web.standard', 'web.kylin']]);
});

test('groups in circles end', () => {
  assert.deepEqual(select('round')[0], ['web.standard', 'db']);
});

test('a name that is not there is a fault', () => {
  assert.throws(() => select('wed.kylin'), { code: 'TARGET_NOT_FOUND', hint: 'Did you mean web.kylin?' });
  assert.throws(() => select('constructor'), { code: 'TARGET_NOT_FOUND' });
});
