import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeccompFilter, type SeccompFilter } from './seccomp-filter.ts';

/** What a filter answers, as the kernel reads it: the rules whose conditions hold agree, or there are none. */
function answer(filter: SeccompFilter | undefined, name: string, argument = 0): string {
  assert.ok(filter);
  const found = filter.syscalls.filter(
    ({ names, args = [] }) =>
      names.includes(name) &&
      args.every(({ op, value, valueTwo = 0 }) => {
        if (op === 'SCMP_CMP_LT') return argument < value;
        if (op === 'SCMP_CMP_GT') return argument > value;
        if (op === 'SCMP_CMP_EQ') return argument === value;
        return (BigInt(argument) & BigInt(value)) === BigInt(valueTwo);
      }),
  );
  const answers = new Set(found.map(({ action, errnoRet }) => errnoRet ?? action));
  assert.ok(answers.size < 2, `${name}(${argument}): ${[...answers].join(' and ')}`);
  const [only = filter.defaultErrnoRet] = answers;
  return only === 1 ? 'EPERM' : only === 38 ? 'ENOSYS' : String(only).slice(9);
}

const filter = createSeccompFilter(['CAP_SYS_CHROOT'], 'x64');

test('a call is allowed, refused, or unknown as on an older kernel', () => {
  for (const name of ['read', 'openat2', 'execve', 'ptrace', 'chroot', 'fchmodat2'])
    assert.equal(answer(filter, name), 'ALLOW', name);
  for (const name of [
    'mount',
    'unshare',
    'setns',
    'keyctl',
    'bpf',
    'io_uring_setup',
    'init_module',
    'umount2',
  ])
    assert.equal(answer(filter, name), 'EPERM', name);
  for (const name of ['clone3', 'a call of next year']) assert.equal(answer(filter, name), 'ENOSYS', name);
  assert.equal(answer(createSeccompFilter([], 'x64'), 'chroot'), 'EPERM');
});

test('no call is in two lists', () => {
  const names = filter?.syscalls.filter(({ args }) => args === undefined).flatMap((rule) => rule.names) ?? [];
  assert.ok(names.length > 400);
  assert.equal(new Set(names).size, names.length);
});

test('new processes, but no new namespaces', () => {
  const SIGCHLD = 17;
  assert.equal(answer(filter, 'clone', SIGCHLD), 'ALLOW');
  assert.equal(answer(filter, 'clone', 0x3d_0f00), 'ALLOW', 'a thread of glibc');
  for (const flag of [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000])
    assert.equal(answer(filter, 'clone', flag | SIGCHLD), 'EPERM', flag.toString(16));
  const other = createSeccompFilter([], 's390x')?.syscalls.filter(({ names }) => names.includes('clone'));
  assert.ok(other?.every(({ args }) => args?.[0]?.index === 1));
});

test('sockets of all families but two', () => {
  for (const family of [1, 2, 10, 16, 37, 39, 41]) assert.equal(answer(filter, 'socket', family), 'ALLOW');
  for (const family of [38, 40]) assert.equal(answer(filter, 'socket', family), 'EPERM');
});

test('execution domains, but none that switches protections off', () => {
  for (const persona of [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff])
    assert.equal(answer(filter, 'personality', persona), 'ALLOW');
  for (const persona of [0x4_0000, 0x40_0000, 0x4_0008, 0x100_0000])
    assert.equal(answer(filter, 'personality', persona), 'EPERM');
});

test('machines that no filter is known for', () => {
  assert.equal(createSeccompFilter([], 'mips'), undefined);
  assert.equal(createSeccompFilter([], 'arm64')?.architectures[0], 'SCMP_ARCH_AARCH64');
});
