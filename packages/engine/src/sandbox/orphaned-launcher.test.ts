import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { findProgram, requirePart, temporaryFolder } from '@onebuild/testkit';

const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

/** Starts a step, and lets it begin once the engine has waited, or was killed, on the way; gives whether its command ran. */
async function begins(folder: string, options: { readonly killed: boolean }): Promise<boolean> {
  mkdirSync(`${folder}/run`, { recursive: true });
  const slow = `while [ ! -e ${folder}/go ]; do sleep 0.01; done`;
  writeFileSync(
    `${folder}/setpriv`,
    `#!/bin/sh\n: >${folder}/waits\n${slow}\n${findProgram('setpriv')} "$@"\n: >${folder}/over\n`,
    { mode: 0o755 },
  );
  const script = `
    import { runProcessTree } from ${here('./process-tree.ts')};
    import { launcherArguments } from ${here('./launcher.ts')};
    import { loadPosix } from ${here('../posix/posix.ts')};
    const [folder, unshare] = ${JSON.stringify([folder, findProgram('unshare')])};
    const command = ['/bin/sh', ...launcherArguments(folder, [], ['/bin/sh', '-c', ': >../began'])];
    const tree = { tools: { setpriv: folder + '/setpriv', unshare }, namespaces: [], command, input: Buffer.from('x') };
    await runProcessTree(tree, { signal: new AbortController().signal, onOutput() {} }, await loadPosix());`;
  const engine = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(engine, 'exit');
  while (!existsSync(`${folder}/waits`)) await setTimeout(5);
  if (options.killed) {
    engine.kill('SIGKILL');
    await gone;
  }
  writeFileSync(`${folder}/go`, '');
  while (!existsSync(`${folder}/over`)) await setTimeout(5);
  await gone;
  return existsSync(`${folder}/began`);
}

test('a step whose engine was killed before the step was tied to it does not begin', async (t) => {
  const tools = ['setpriv', 'unshare'].map(findProgram);
  if (!requirePart(t, process.getuid?.() === 0, 'sandboxes for root need root')) return;
  if (!requirePart(t, !tools.includes(undefined), 'apt-get install util-linux')) return;
  const folder = temporaryFolder(t);
  assert.equal(await begins(`${folder}/1`, { killed: false }), true);
  assert.equal(await begins(`${folder}/2`, { killed: true }), false);
});
