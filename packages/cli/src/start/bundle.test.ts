import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@onebuild/testkit';

const top = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = temporaryFolder();

/** A package as it is installed: the launcher, the bundle, nothing else of the checkout. */
function install(): string {
  const place = join(folder, 'package');
  mkdirSync(join(place, 'bin'), { recursive: true });
  copyFileSync(join(top, 'packages/cli/bin/onebuild'), join(place, 'bin/onebuild'));
  copyFileSync(join(top, 'packages/cli/package.json'), join(place, 'package.json'));
  symlinkSync(join(top, 'node_modules'), join(place, 'node_modules'));
  execFileSync(process.execPath, [join(top, 'scripts/bundle.ts'), join(place, 'dist')], {
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  return place;
}

test('the bundle', async (t) => {
  const place = install();
  const cache = join(folder, 'cache');
  const run = (...args: string[]) =>
    spawnSync(join(place, 'bin/onebuild'), args, {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, XDG_CACHE_HOME: cache, ONEBUILD_HOME: join(folder, 'store') },
    });

  await t.test('is what runs, and keeps the code of a command that went well', () => {
    const wrong = run('--debug', 'build', join(folder, 'missing'));
    assert.equal(wrong.status, 5);
    assert.match(wrong.stderr, /\/dist\/command-[0-9a-f]+\.cjs/);
    assert.equal(run('completion', 'bash').status, 0);
    assert.deepEqual(
      readdirSync(join(cache, 'onebuild/compiled')).map((name) => name.split('-')[0]),
      ['completion'],
    );
    assert.equal(run('completion', 'bash').status, 0);
  });

  await t.test('has the programs beside it that it starts', () => {
    const names = readdirSync(join(place, 'dist')).map((name) => name.replace(/-[0-9a-f]{16}\./, '-ID.'));
    assert.deepEqual(names.toSorted(), [
      'command-ID.cjs',
      'hash-worker.cjs',
      'inputs.json',
      'onebuild.cjs',
      'unshare',
    ]);
  });

  await t.test('gives way to sources that are newer, and to none that are older', () => {
    const source = join(place, 'src/main.ts');
    mkdirSync(join(place, 'src'));
    writeFileSync(source, "process.stdout.write('from the sources' satisfies string);");
    writeFileSync(join(place, 'dist/inputs.json'), '["../src/main.ts"]');
    utimesSync(source, 1, 1);
    assert.match(run('version').stdout, /^onebuild \d/);
    const later = Date.now() / 1000 + 60;
    utimesSync(source, later, later);
    assert.equal(run('version').stdout, 'from the sources');
    writeFileSync(join(place, 'dist/inputs.json'), '["../src/main.ts", "../src/gone.ts"]');
    utimesSync(source, 1, 1);
    assert.equal(run('version').stdout, 'from the sources');
  });
});
