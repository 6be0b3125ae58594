import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { openStore } from './store.ts';
import { makeTempFolder } from './temp-folder.ts';

test('the folder of a process that died goes when the store is opened, those of live ones stay', async (t) => {
  const home = join(temporaryFolder(t), 'home');
  const module = new URL('./temp-folder.ts', import.meta.url).href;
  const program = `import { makeTempFolder } from ${JSON.stringify(module)}; process.stdout.write(makeTempFolder(process.argv[1]))`;
  const left = execFileSync(process.execPath, ['--input-type=module', '-e', program, home], {
    encoding: 'utf8',
  });
  writeFileSync(join(left, 'file'), '');
  const own = makeTempFolder(home);
  assert.ok(existsSync(left));
  const store = await openStore(home, Date.now);
  await store.close();
  assert.deepEqual([left, own].map(existsSync), [false, true]);
  rmSync(own, { recursive: true });
});
