import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BuildEvent } from '@onebuild/core';
import { runProgram } from '@onebuild/testkit';
import { command } from './start-command.ts';
import { asUser, hasNormalUsers, makeUser, type NormalUser, removeUser, requireUser } from './normal-user.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const dockerfile = (base: string, more = '') => `FROM ${base} AS made
RUN mkdir -p /made/deep /gone && echo text > /made/deep/file && ln /made/deep/file /made/hard && chown -R 4242:4343 /made
RUN touch /made/suid && chmod 4755 /made/suid && chmod 1777 /made/deep && rm -r /etc/group && mknod /made/pipe p
RUN rm -rf /made/deep && mkdir /made/deep && echo new > /made/deep/new && rmdir /gone
USER app
WORKDIR /home/app
RUN --mount=type=cache,target=/m,uid=1000 id -u > who && ls /m && echo kept > /m/kept
FROM ${base}
COPY --chown=1000:33 files /files
COPY --from=made /made /made
COPY --from=made --chown=65000 /home/app/who /who
USER 4242:4343
RUN test "$(id -u)" = 4242 && ls -ln /made /files /who > /tmp/listing
${more}`;

interface Built {
  readonly digest: string | undefined;
  /** RUN steps that ran. */
  readonly ran: number;
  readonly warnings: readonly string[];
  readonly said: string;
}

describe('caches of root and of a normal user', { timeout: 120_000 }, () => {
  let bench: Workbench;
  let user: NormalUser | undefined;
  let context = '';
  let count = 0;

  before(async () => {
    if (!hasNormalUsers) return;
    bench = await openWorkbench();
    user = makeUser(bench.scratch, 'obt');
    context = join(user.home, 'context');
    cpSync(bench.context({ 'files/a': 'a\n', 'files/sub/b': 'b\n' }), context, { recursive: true });
    execFileSync('chown', ['-R', `${user.id}`, context]);
  });
  after(async () => {
    if (user !== undefined) removeUser(user);
    if (bench !== undefined) await bench.close();
  });

  /** Words before a command that make it this one's, on a machine that never built anything. */
  function as(who: 'root' | 'user'): [string, ...string[]] {
    if (who === 'user' && user !== undefined) return asUser(user, join(user.home, `home-${++count}`));
    const env = [`ONEBUILD_HOME=${bench.home()}`, `PATH=${process.env['PATH']}`, 'NO_COLOR=1'];
    return ['env', '-i', ...env, 'HOME=/root'];
  }

  async function build(who: 'root' | 'user', caches: readonly string[], more = ''): Promise<Built> {
    const Dockerfile = dockerfile(bench.base, more);
    const file = join(bench.context({ Dockerfile }), 'Dockerfile');
    const line = [command, 'build', '--progress=json', ...caches, '-f', file, context];
    const { stdout } = await runProgram([...as(who), ...line]);
    const names = new Map<string, string>();
    const warnings: string[] = [];
    let [ran, said, digest] = [0, '', undefined as string | undefined];
    for (const line of stdout.trim().split('\n')) {
      const event = JSON.parse(line) as BuildEvent;
      if (event.type === 'step.started') names.set(event.step, event.name);
      if (event.type === 'warning') warnings.push(`${event.rule}: ${event.message}`);
      if (event.type === 'step.output') said += event.text;
      if (event.type === 'image.built') digest = event.image.digest;
      if (event.type === 'step.finished' && event.status === 'done')
        ran += names.get(event.step)?.startsWith('RUN') === true ? 1 : 0;
    }
    return { digest, ran, warnings, said };
  }

  for (const [writer, reader] of [
    ['root', 'user'],
    ['user', 'root'],
  ] as const) {
    it(`what ${writer} wrote, ${reader} takes`, async (t) => {
      if (!(await requireUser(t, user))) return;
      const ref = `${bench.registry.host}/by-${writer}:onebuild-cache`;
      const from = [`--cache-from=type=registry,ref=${ref}`];
      const wrote = await build(writer, [`--cache-to=type=registry,ref=${ref},mode=max,mounts=true`]);
      assert.deepEqual([wrote.ran, wrote.warnings], [5, []]);
      const taken = await build(reader, from);
      assert.deepEqual(taken, { ...wrote, ran: 0, said: '' });
      // now its files are needed, and the mount
      const more =
        "RUN --mount=type=cache,target=/m,uid=1000 ls /m; find /made /files /who -exec stat -c '%n %F %f %u %g %s' {} +\n";
      const alone = await build(writer, from, more);
      const there = await build(reader, from, more);
      assert.equal(there.ran, 1);
      assert.match(there.said, /^kept\n[^]*\/made\/suid regular empty file 89ed /);
      assert.deepEqual(there, alone);
    });
  }
});
