import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  languages,
  projectFileParts,
  projectFileSchema,
  readOnebuildFile,
} from '../../packages/project/src/index.ts';
import { top } from './source-files.ts';

const guide = readFileSync(join(top, 'docs/guide/project-file.md'), 'utf8');

test('the guide names every setting of onebuild.yaml, and every language of onebuild init', () => {
  const schemas = [projectFileSchema, ...Object.values(projectFileParts)];
  const settings = new Set(
    schemas.flatMap((schema) => ('entries' in schema ? Object.keys(schema.entries) : [])),
  );
  assert.ok(settings.has('images') && settings.has('base-arg') && settings.has('endpoint'));
  const missing = [...settings].filter((name) => !new RegExp(`(?:\`|\\{ | )${name}(?:\`|: )`).test(guide));
  assert.deepEqual(missing, []);
  for (const { name } of languages) assert.ok(guide.includes(name.split(' ')[0] ?? name), name);
});

test('the first example of the guide is a project file that works', () => {
  const text = /```yaml\n([^]*?)```/.exec(guide)?.[1] ?? '';
  const { targets } = readOnebuildFile(
    { name: 'onebuild.yaml', text },
    {
      env: { VERSION: '1' },
      git: {
        sha: 'abcdef0123'.repeat(4),
        branch: 'main',
        tag: undefined,
        isDirty: false,
        time: '2026-01-31T12:00:00Z',
      },
    },
  );
  assert.deepEqual(
    targets.map(({ tags }) => tags[0]),
    [
      'harbor.example.com/ops/helper-standard:1-abcdef',
      'harbor.example.com/ops/helper-kylinv10:1-abcdef',
      'harbor.example.com/ops/helper-openeuler22:1-abcdef',
    ],
  );
});
