import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runProgram, tryProgram } from '@onebuild/testkit';
import { mountsBelow, processesLeft, processStarted, tempOf } from './leftovers.ts';
import { command, succeed } from './start-command.ts';
import { assertTagsAreWhole } from './whole-tags.ts';
import { asUser, hasNormalUsers, makeUser, type NormalUser, removeUser, requireUser } from './normal-user.ts';
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
  let user: NormalUser | undefined;

  before(async () => {
    if (!hasNormalUsers) return;
    bench = await openWorkbench();
    user = makeUser(bench.scratch, 'obc');
  });
  after(async () => {
    if (user !== undefined) removeUser(user);
    if (bench !== undefined) await bench.close();
  });

  /** Words before a command that make it the user's, in this store. */
  function inStore(store: string): [string, ...string[]] {
    return user === undefined ? assert.fail('there is no user') : asUser(user, store);
  }

  function contextFor(Dockerfile: string): string {
    const context = bench.context({ Dockerfile, 'files/a': 'a\n', 'files/sub/b': 'b\n' });
    const own = join(user?.home ?? '', `context-${Date.now()}`);
    cpSync(context, own, { recursive: true });
    execFileSync('chown', ['-R', `${user?.id}`, own]);
    return own;
  }

  it('builds the image that root builds, and can look after the store', async (t) => {
    if (!(await requireUser(t, user))) return;
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
    await runProgram([...inStore(store), command, ...push('by-user')]);
    const byRoot = await assertTagsAreWhole(bench.registry.url, 'by-root');
    const byUser = await assertTagsAreWhole(bench.registry.url, 'by-user');
    assert.match(byRoot['1'] ?? '', /^sha256:/);
    assert.deepEqual(byUser, byRoot);

    assert.equal(statSync(store).uid, user?.id);
    assert.deepEqual(tempOf(store), []);
    assert.deepEqual(mountsBelow(store), []);
    const cached = await runProgram([...inStore(store), command, ...push('by-user')]);
    assert.doesNotMatch(cached.stderr, /isolated/);
    const planned = await runProgram([...inStore(store), command, 'plan', context]);
    assert.match(planned.stdout, / cached, 0 to run$/m);
    const explained = await runProgram([...inStore(store), command, 'explain', 'RUN']);
    assert.match(explained.stdout, /^ {3}did not run: nothing that it looks at differs/m);
    const verified = await runProgram([...inStore(store), command, 'store', 'verify']);
    assert.match(verified.stdout, / 0 damaged$/m);
    await runProgram([...inStore(store), command, 'store', 'gc']);
    assert.match((await runProgram([...inStore(store), 'du', '-s', join(store, 'layers')])).stdout, /^\d/);
    await runProgram([...inStore(store), 'rmdir', join(store, 'layers')]);
    assert.ok(!existsSync(join(store, 'layers')));
  });

  it('stopped by Ctrl-C and by kill -9, it leaves no process and no mount', async (t) => {
    if (!(await requireUser(t, user))) return;
    const context = contextFor(`FROM ${bench.base}\nRUN chown 5:5 /bin/busybox && sleep ${seconds}\n`);
    const store = join(user?.home ?? '', 'stopped');
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGKILL', -1],
    ] as const) {
      const stop = new AbortController();
      const build = tryProgram(
        ['setpriv', '--pdeathsig', 'KILL', '--', ...inStore(store), command, 'build', context],
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
    await runProgram([...inStore(store), command, 'build', next]);
    assert.deepEqual(tempOf(store), []);
  });
});
