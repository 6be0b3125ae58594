import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  findProgram,
  requireBusybox,
  requirePart,
  requireProgram,
  runProgram,
  type Skips,
  tryProgram,
} from '@onebuild/testkit';
import { mountsBelow, processesLeft, processStarted, tempOf } from './leftovers.ts';
import { command, succeed } from './start-command.ts';
import { assertTagsAreWhole } from './whole-tags.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const seconds = `${390_000 + (process.pid % 10_000)}`;

const dockerfile = (base: string) => `FROM ${base} AS made
RUN mkdir -p /made/deep && echo text > /made/deep/file && chown -R 4242:4343 /made && chown 0:7 /made/deep
RUN touch /made/suid && chmod 4755 /made/suid && chmod 1777 /made/deep && rm -r /etc/group && mknod /made/pipe p
USER app
WORKDIR /home/app
RUN id -u > who && id -g >> who
FROM ${base}
COPY --chown=1000:33 files /files
COPY --from=made /made /made
COPY --from=made --chown=65000 /home/app/who /who
USER 4242:4343
RUN test "$(id -u)" = 4242 && echo mine >> /made/deep/mine && find /made /files /who -exec stat -c '%n %A %u %g' {} + | sort > /tmp/listing
`;

describe('a normal user with ranges of ids', () => {
  let bench: Workbench;
  let user: { readonly name: string; readonly id: number; readonly home: string } | undefined;
  const isRoot = process.getuid?.() === 0;

  before(async () => {
    if (!isRoot || findProgram('useradd') === undefined || findProgram('newuidmap') === undefined) return;
    bench = await openWorkbench();
    const name = `obc${process.pid}`;
    execFileSync('/usr/sbin/useradd', ['--no-create-home', '--shell', '/bin/sh', name]);
    const id = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
    const home = join(bench.scratch, 'user');
    mkdirSync(home);
    chmodSync(bench.scratch, 0o755);
    chownSync(home, id, id);
    user = { name, id, home };
  });
  after(async () => {
    if (user !== undefined) spawnSync('/usr/sbin/userdel', ['-f', user.name]);
    if (bench !== undefined) await bench.close();
  });

  /** Words before a command that make it the user's. */
  function asUser(store: string): [string, ...string[]] {
    const id = String(user?.id);
    const env = [`HOME=${user?.home}`, `ONEBUILD_HOME=${store}`, `PATH=${process.env['PATH']}`, 'NO_COLOR=1'];
    return ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', '--', 'env', '-i', ...env];
  }

  async function ready(t: Skips): Promise<boolean> {
    if (!requirePart(t, isRoot && findProgram('useradd') !== undefined, 'making a user needs root'))
      return false;
    if (!requireProgram(t, 'newuidmap', 'apt-get install uidmap') || !requireBusybox(t)) return false;
    if (!requireProgram(t, 'crun', 'apt-get install crun')) return false;
    const { code } = await tryProgram([...asUser('/nowhere'), 'test', '-x', command]);
    return requirePart(t, code === 0, `other users can't run ${command}`);
  }

  function contextFor(Dockerfile: string): string {
    const context = bench.context({ Dockerfile, 'files/a': 'a\n', 'files/sub/b': 'b\n' });
    const own = join(user?.home ?? '', `context-${Date.now()}`);
    cpSync(context, own, { recursive: true });
    execFileSync('chown', ['-R', `${user?.id}`, own]);
    return own;
  }

  it('builds the image that root builds, and can look after the store', async (t) => {
    if (!(await ready(t))) return;
    const context = contextFor(dockerfile(bench.base));
    const store = join(user?.home ?? '', 'store');
    const push = (name: string) => [
      'build',
      '--progress=plain',
      '--push',
      '-t',
      `${bench.registry.host}/${name}:1`,
      context,
    ];
    await succeed(push('by-root'), { home: bench.home() });
    await runProgram([...asUser(store), command, ...push('by-user')]);
    const byRoot = await assertTagsAreWhole(bench.registry.url, 'by-root');
    const byUser = await assertTagsAreWhole(bench.registry.url, 'by-user');
    assert.match(byRoot['1'] ?? '', /^sha256:/);
    assert.deepEqual(byUser, byRoot);

    assert.equal(statSync(store).uid, user?.id);
    assert.deepEqual(tempOf(store), []);
    assert.deepEqual(mountsBelow(store), []);
    const cached = await runProgram([...asUser(store), command, ...push('by-user')]);
    assert.doesNotMatch(cached.stderr, /isolated/);
    const planned = await runProgram([...asUser(store), command, 'plan', context]);
    assert.match(planned.stdout, / cached, 0 to run$/m);
    const explained = await runProgram([...asUser(store), command, 'explain', 'RUN']);
    assert.match(explained.stdout, /^ {3}did not run: nothing that it looks at differs/m);
    const verified = await runProgram([...asUser(store), command, 'store', 'verify']);
    assert.match(verified.stdout, / 0 damaged$/m);
    await runProgram([...asUser(store), command, 'store', 'gc']);
    assert.match((await runProgram([...asUser(store), 'du', '-s', join(store, 'layers')])).stdout, /^\d/);
    await runProgram([...asUser(store), 'rmdir', join(store, 'layers')]);
    assert.ok(!existsSync(join(store, 'layers')));
  });

  it('stopped by Ctrl-C and by kill -9, it leaves no process and no mount', async (t) => {
    if (!(await ready(t))) return;
    const context = contextFor(`FROM ${bench.base}\nRUN chown 5:5 /bin/busybox && sleep ${seconds}\n`);
    const store = join(user?.home ?? '', 'stopped');
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGKILL', -1],
    ] as const) {
      const stop = new AbortController();
      const build = tryProgram(
        ['setpriv', '--pdeathsig', 'KILL', '--', ...asUser(store), command, 'build', context],
        {
          signal: stop.signal,
        },
      );
      await processStarted(`sleep\0${seconds}`);
      // the process that the user started, not the one in the namespace
      const pids = execFileSync(
        'pgrep',
        ['-o', '-u', String(user?.id), '-f', `(main.ts|onebuild.cjs) build ${context}`],
        {
          encoding: 'utf8',
        },
      );
      process.kill(Number(pids.trim()), signal);
      const ended = await build;
      assert.equal(ended.code, code, ended.stderr);
      if (signal === 'SIGINT') {
        assert.match(ended.stderr, /error CANCELED: stopped by SIG(?:INT|TERM)\n$/);
        assert.deepEqual(tempOf(store), []);
      }
      assert.deepEqual(await processesLeft(seconds), []);
      assert.deepEqual(await processesLeft(store), []);
      assert.deepEqual(mountsBelow(store), []);
    }
    const next = contextFor(`FROM ${bench.base}\nRUN true\n`);
    await runProgram([...asUser(store), command, 'build', next]);
    assert.deepEqual(tempOf(store), []);
  });
});
