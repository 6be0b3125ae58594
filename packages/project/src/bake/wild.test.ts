import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBakeFiles } from './read-bake-files.ts';

// the expectations are what the real one prints: scripts/compare-bake.sh
const folder = fileURLToPath(new URL('../../test/wild', import.meta.url));
const facts = { env: {}, now: 0, home: '/root', platform: 'linux/amd64' };

for (const name of readdirSync(folder).filter((one) => !one.endsWith('.expected.json'))) {
  test(`${name} means what it means to docker buildx bake`, () => {
    const file = { name, text: readFileSync(join(folder, name), 'utf8') };
    const expected: unknown = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8'));
    assert.deepEqual(JSON.parse(JSON.stringify(readBakeFiles([file], { facts }).print())), expected);
  });
}
