import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@onebuild/testkit';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

test('a slow reader gets all of what is more than a pipe holds', () => {
  const lines = Array.from({ length: 2000 }, (_, index) => `ENV a${index} b`);
  writeFileSync(join(folder, 'Dockerfile'), `FROM a:1\n${lines.join('\n')}\n`);
  const script = '"$0" "$1" lint --format json "$2" | { sleep 2; cat; }';
  const text = execFileSync('sh', ['-c', script, process.execPath, main, folder], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  assert.ok(text.length > 200_000);
  assert.equal((JSON.parse(text) as { findings: unknown[] }).findings.length, 2000);
});
