import { mkdirSync } from 'node:fs';
import { loadPosix } from '../posix/posix.ts';
import { createOverlayMarks } from '../snapshot/overlay-marks.ts';
import { chooseSandbox } from './choose-sandbox.ts';
import { createCopiedRoots } from './copied-root.ts';
import { findRuntime } from './find-runtime.ts';
import { createRuntimeSandbox } from './runtime-sandbox.ts';
import { testSandbox } from './sandbox.contract.ts';

/* Tests for `node --test` as root of a user namespace: see rootless-sandbox.test.ts. */
for (const prefer of ['auto', 'unshare'] as const) {
  testSandbox(`${prefer}, rootless`, {
    rootless: true,
    make: (_, tempDir) => chooseSandbox({ prefer, rootless: true, tempDir }),
  });
}

testSandbox('copied roots, rootless', {
  rootless: true,
  async make(_, tempDir) {
    mkdirSync(tempDir);
    const posix = await loadPosix();
    const marks = createOverlayMarks(posix, { rootless: true });
    const runtime = findRuntime('crun', { rootless: true }) ?? findRuntime('unshare', { rootless: true });
    if (!runtime) return undefined;
    const tools = { setpriv: '/usr/bin/setpriv', unshare: '/usr/bin/unshare', sh: '/bin/sh' };
    const prepareRoot = createCopiedRoots(posix, marks);
    return createRuntimeSandbox({
      isolation: 'test',
      runtime,
      prepareRoot,
      posix,
      marks,
      tools,
      tempDir,
      rootless: true,
    });
  },
});
