import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { type CleansUp, temporaryFolder } from '@onebuild/testkit';
import { diffUpper } from '../snapshot/diff-upper.ts';
import type { TreeEntry } from '../tree/file-tree.ts';
import { makeLayer, processesWith, requireBusybox, runLine } from './sandbox.fixture.ts';
import type { Sandbox } from './sandbox.ts';

export interface ContractOptions {
  readonly rootless: boolean;
  /** undefined, having skipped the test, where this machine can't. */
  make(t: CleansUp & { skip(message?: string): void }, tempDir: string): Promise<Sandbox | undefined>;
}

/** What every sandbox does. */
export function testSandbox(name: string, { rootless, ...place }: ContractOptions): void {
  type Context = Parameters<ContractOptions['make']>[0];

  async function prepare(t: Context) {
    if (!requireBusybox(t)) return undefined;
    const folder = temporaryFolder(t);
    const sandbox = await place.make(t, `${folder}/tmp`);
    if (sandbox === undefined) return undefined;
    const lower = makeLayer(`${folder}/lower`);
    const run = (line: Parameters<typeof runLine>[1], options: Partial<Parameters<typeof runLine>[2]> = {}) =>
      runLine(sandbox, line, { folder, lowers: [lower], ...options });
    return { folder, lower, sandbox, run };
  }

  describe(name, () => {
    test('output, exit code, environment', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const line = 'echo out; echo err >&2; echo $A; hostname; pwd; echo again >/dev/stdout; exit 7';
      const result = await place.run(line, { env: ['PATH=/bin', 'A=b c'], cwd: '/etc' });
      assert.equal(result.stdout, 'out\nb c\nsandbox\n/etc\nagain\n');
      assert.equal(result.stderr, 'err\n');
      assert.equal(result.exitCode, 7);
      assert.deepEqual(readdirSync(`${place.folder}/tmp`), [], 'no bundle is left');
    });

    test('a command that is not there', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      for (const command of ['nope', '/bin/nope', '/etc/motd']) {
        await assert.rejects(
          place.run([command]),
          (error) => isFault(error, 'STEP_COMMAND_NOT_FOUND'),
          command,
        );
      }
      // Process 1 of a namespace can only be killed from outside; a shell with a child tells the child's end.
      assert.equal((await place.run('sh -c "kill -9 \\$\\$"; exit $?')).exitCode, 137);
      for (const code of [1, 126, 127]) assert.equal((await place.run(`exit ${code}`)).exitCode, code);
    });

    test('changes are what the command did, and nothing of the mounts', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const { folder, run } = place;
      writeFileSync(`${folder}/file`, 'from the host');
      const lines = [
        'rm /etc/motd',
        'rm -r /old',
        'mkdir /old',
        'echo new >/old/new',
        'mkdir /app',
        'touch /bin/busybox',
        'test -e /made/by/mount/file && test -d /run/secrets',
      ];
      const { upper, exitCode } = await run(lines.join(' && '), {
        mounts: [
          { type: 'bind', source: `${folder}/file`, target: '/made/by/mount/file', readonly: true },
          { type: 'tmpfs', target: '/app/scratch' },
          {
            type: 'secret',
            content: Buffer.from('x'),
            target: '/run/secrets/x',
            uid: 0,
            gid: 0,
            mode: 0o400,
          },
        ],
      });
      assert.equal(exitCode, 1, '/app is there already');
      assert.deepEqual(
        await changes(upper),
        ['whiteout etc/motd', 'dir old', 'opaque old', 'file old/new'].sort(),
      );
    });

    /** The changes against a base that has what `makeLayer` made, in words. */
    async function changes(upper: string): Promise<readonly string[]> {
      const busybox = readFileSync('/bin/busybox');
      const owner = { uid: 0, gid: 0, mtime: 0, mode: 0o755 };
      const folders = new Set(['', 'bin', 'dev', 'etc', 'old', 'old/deep', 'proc', 'sys', 'tmp']);
      const files = new Set(['bin/busybox', 'etc/motd']);
      const base = {
        get(path: string): TreeEntry | undefined {
          if (folders.has(path)) return { path, type: 'dir', size: 0, ...owner };
          return files.has(path) ? { path, type: 'file', size: busybox.length, ...owner } : undefined;
        },
        digests: async () => [digestOf(busybox)],
      };
      const { entries } = await diffUpper(upper, { base, rootless });
      const words = entries.map(({ type, path }) => `${type} ${path}`).filter((line) => line !== 'dir etc');
      // Where a folder that was made again got its old inode, its old content is told to be gone one by one.
      return words.map((line) => (line === 'whiteout old/deep' ? 'opaque old' : line)).sort();
    }

    test('users, groups and capabilities', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const line = 'id -u; id -g; id -G; echo x >/dev/stdout; touch /etc/x; cat /proc/self/status';
      const { stdout, stderr } = await place.run(line, {
        user: { uid: 1000, gid: 1001, additionalGids: [5, 6] },
      });
      assert.deepEqual(stdout.split('\n').slice(0, 2), ['1000', '1001']);
      assert.deepEqual(new Set(stdout.split('\n')[2]?.split(' ')), new Set(['1001', '5', '6']));
      assert.match(stderr, /touch: .*Permission denied/);
      assert.match(stdout, /^CapEff:\t0+$/m);
      assert.match(stdout, /^CapBnd:\t00000000a80425fb$/m);
      const root = await place.run(['cat', '/proc/self/status']);
      assert.match(root.stdout, /^SigIgn:\t0+$/m);
      assert.match(root.stdout, /^CapEff:\t00000000a80425fb$/m);
      const insecure = await place.run('cat /proc/self/status; test -r /proc/kcore', {
        security: 'insecure',
      });
      assert.doesNotMatch(insecure.stdout, /^CapEff:\t00000000a80425fb$/m);
    });

    test('it sees nothing of the host', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const lines = [
        'ls / /..',
        'echo 1 >/proc/sys/kernel/hostname && echo bad',
        'echo 1 >/sys/kernel/uevent_helper && echo bad',
        'ls /proc/acpi',
        'head -c 1 /proc/kcore | od',
        'echo pids: /proc/[0-9]*',
      ];
      const { stdout } = await place.run(lines.join('; '));
      assert.doesNotMatch(stdout, /bad|work|home|root/);
      assert.doesNotMatch(stdout, /^0000001$/m, 'kcore is masked');
      assert.match(stdout, /^pids: (?:\/proc\/\d+ ?){1,3}$/m);
    });

    test('system calls are those that Docker allows', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const line = 'grep Seccomp: /proc/self/status; unshare -U true; linux32 uname -m; chroot / echo in';
      const { stdout, stderr } = await place.run(line);
      assert.match(stdout, /^Seccomp:\s+2$/m);
      assert.match(stderr, /^unshare: .*: Operation not permitted$/m);
      assert.match(stdout, /^(?:i686|arm)/m);
      assert.match(stdout, /^in$/m);
      const insecure = await place.run(line, { security: 'insecure' });
      assert.match(insecure.stdout, /^Seccomp:\s+0$/m);
      assert.equal(insecure.stderr, '');
    });

    test('mounts', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const { folder, lower } = place;
      for (const name of ['cache,1:a\\b', 'upper', 'work', 'other/sub'])
        mkdirSync(`${folder}/${name}`, { recursive: true });
      writeFileSync(`${folder}/other/sub/f`, 'other');
      symlinkSync('/etc/target', `${lower}/etc/link`);
      const secret = 's3cret\nline two\n'.repeat(5000);
      const lines = [
        'echo kept >/cache/kept',
        'touch /readonly/x',
        'cat /stage/f; echo change >/stage/g',
        'cat /etc/target/kept',
        'dd if=/secret of=/dev/null 2>&1 | head -n 1',
        'cat /two; stat -c "%a %u %g %s" /secret /two /none',
        'echo x >/secret',
        'df /small | tail -n 1 | head -c 5',
      ];
      const root = { lowers: [`${folder}/other`], upper: `${folder}/upper`, work: `${folder}/work` };
      const owner = { uid: 12, gid: 13, mode: 0o440 };
      const { stdout, stderr } = await place.run(lines.join(';'), {
        mounts: [
          { type: 'bind', source: `${folder}/cache,1:a\\b`, target: '/cache', readonly: false },
          { type: 'bind', source: `${folder}/cache,1:a\\b`, target: '/etc/link', readonly: false },
          { type: 'bind', source: lower, target: '/readonly', readonly: true },
          { type: 'overlay', root, subpath: '/sub', target: '/stage', readonly: false },
          { type: 'secret', content: Buffer.from(secret), target: '/secret', ...owner },
          { type: 'secret', content: Buffer.from('two\n'), target: '/two', ...owner, uid: 0 },
          { type: 'secret', content: Buffer.alloc(0), target: '/none', ...owner, uid: 0 },
          { type: 'tmpfs', target: '/small', size: 65536 },
        ],
      });
      assert.equal(readFileSync(`${folder}/cache,1:a\\b/kept`, 'utf8'), 'kept\n');
      assert.match(stderr, /\/readonly\/x: Read-only/);
      assert.match(stderr, /secret: Read-only/);
      assert.match(stdout, /^otherkept\n/);
      assert.match(stdout, new RegExp(`^two\n440 12 13 ${secret.length}\n440 0 13 4\n440 0 13 0$`, 'm'));
      assert.equal(readFileSync(`${folder}/upper/sub/g`, 'utf8'), 'change\n');
    });

    test('networks and hosts', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const extraHosts = [['db.test', '10.1.2.3']] as const;
      const none = await place.run('ip addr; cat /etc/hosts', { network: 'none', extraHosts });
      assert.match(none.stdout, /^1: lo: <LOOPBACK,UP/);
      assert.doesNotMatch(none.stdout, /^2:/m);
      assert.match(none.stdout, /^10\.1\.2\.3\tdb\.test$/m);
      assert.match(none.stdout, /^127\.0\.0\.1\tsandbox$/m);
      const host = await place.run('cat /etc/resolv.conf', { network: 'host' });
      assert.equal(host.stdout, readFileSync('/etc/resolv.conf', 'utf8'));
    });

    test('cancel ends everything before it answers', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const seconds = `${100000 + process.pid}`;
      const controller = new AbortController();
      const sandbox: Sandbox = {
        ...place.sandbox,
        run: (spec, io) =>
          place.sandbox.run(spec, { ...io, onOutput: () => setTimeout(() => controller.abort(), 20) }),
      };
      const line = `setsid sleep ${seconds} >/dev/null 2>&1 & sleep ${seconds} & echo go; sleep ${seconds}`;
      const { folder, lower } = place;
      const running = runLine(sandbox, line, { folder, lowers: [lower], signal: controller.signal });
      await assert.rejects(running, (error) => isFault(error, 'CANCELED'));
      assert.deepEqual(processesWith(seconds), []);
      await assert.rejects(place.run('true', { signal: AbortSignal.abort() }), (error) =>
        isFault(error, 'CANCELED'),
      );
      assert.deepEqual(readdirSync(`${folder}/tmp`), []);
    });

    test('background processes end with the command', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const seconds = `${200000 + process.pid}`;
      const { exitCode } = await place.run(`setsid sleep ${seconds} & sleep ${seconds} & exit 0`);
      assert.equal(exitCode, 0);
      assert.deepEqual(processesWith(seconds), []);
    });

    test('an empty root, and one of many layers', async (t) => {
      const place = await prepare(t);
      if (!place) return;
      const { folder, lower, run } = place;
      const empty = run(['/bin/true'], { lowers: [] });
      await assert.rejects(empty, (error) => isFault(error, 'STEP_COMMAND_NOT_FOUND'));
      const lowers = [lower];
      for (let at = 0; at < 150; at++) {
        const layer = `${folder}/${'layer-with-a-name-as-long-as-a-digest,:\\'.padEnd(64, 'x')}${at}`;
        mkdirSync(layer);
        writeFileSync(`${layer}/file${at}`, '');
        writeFileSync(`${layer}/top`, String(at));
        lowers.push(layer);
      }
      const { stdout } = await run('cat /top; ls / | grep -c file || ls / | head -n 3', { lowers });
      assert.match(stdout, /^149/);
    });
  });
}
