import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { readBinfmtHandlers } from './binfmt-handlers.ts';
import { elfHeader } from './elf-program.ts';

/** As the kernel shows what Debian's qemu-user-static registers. */
const qemuArm64 = `enabled
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: POCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`;
const python = 'enabled\ninterpreter /usr/bin/python3\nflags: \noffset 0\nmagic 6f0d0d0a\n';

test('handlers are told by what they take', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(readBinfmtHandlers(folder), undefined, 'not mounted');
  for (const [name, text] of Object.entries({
    register: '',
    status: 'enabled\n',
    'qemu-aarch64': qemuArm64,
    off: qemuArm64.replace('enabled', 'disabled'),
    'python3.11': python,
    extension: 'enabled\ninterpreter /usr/bin/x\nflags: \nextension .x\n',
  })) {
    writeFileSync(`${folder}/${name}`, text);
  }
  const handlers = readBinfmtHandlers(folder) ?? [];
  assert.deepEqual(
    new Set(handlers.map(({ name, fixed }) => `${name} ${fixed}`)),
    new Set(['python3.11 false', 'qemu-aarch64 true']),
  );
  const takes = (architecture: string) =>
    handlers
      .filter((handler) => handler.matches(elfHeader(architecture) ?? Buffer.alloc(0)))
      .map(({ name }) => name);
  assert.deepEqual(takes('arm64'), ['qemu-aarch64']);
  for (const other of ['amd64', 'arm', '386', 'riscv64', 's390x', 'ppc64le'])
    assert.deepEqual(takes(other), []);
});
