import { mkdirSync } from 'node:fs';
import { findProgram, requirePart } from '@onebuild/testkit';
import { loadPosix } from '../posix/posix.ts';
import { createOverlayMarks } from '../snapshot/overlay-marks.ts';
import { chooseSandbox } from './choose-sandbox.ts';
import { createCopiedRoots } from './copied-root.ts';
import { findRuntime } from './find-runtime.ts';
import { createRuntimeSandbox } from './runtime-sandbox.ts';
import { testSandbox } from './sandbox.contract.ts';

const isRoot = process.getuid?.() === 0;
const rootNeeded = 'sandboxes for root need root';

for (const prefer of ['crun', 'runc', 'unshare'] as const) {
  testSandbox(`${prefer} as root`, {
    rootless: false,
    async make(t, tempDir) {
      if (!requirePart(t, isRoot, rootNeeded)) return undefined;
      const there = prefer === 'unshare' || findProgram(prefer) !== undefined;
      if (!requirePart(t, there, `${prefer} is not installed: apt-get install ${prefer}`)) return undefined;
      return chooseSandbox({ prefer, rootless: false, tempDir });
    },
  });
}

testSandbox('copied roots', {
  rootless: false,
  async make(t, tempDir) {
    if (!requirePart(t, isRoot, rootNeeded)) return undefined;
    const runtime = findRuntime('crun', { rootless: false });
    if (!requirePart(t, runtime !== undefined, 'crun is not installed: apt-get install crun') || !runtime)
      return undefined;
    mkdirSync(tempDir);
    const posix = await loadPosix();
    const marks = createOverlayMarks(posix, { rootless: false });
    const tools = { setpriv: '/usr/bin/setpriv', unshare: '/usr/bin/unshare', sh: '/bin/sh' };
    return createRuntimeSandbox({
      isolation: 'test',
      runtime,
      prepareRoot: createCopiedRoots(posix, marks),
      posix,
      marks,
      tools,
      tempDir,
      rootless: false,
    });
  },
});
