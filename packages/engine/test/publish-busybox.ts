import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import { testBuildOptions } from './build-options.ts';

/**
 * Makes a small base of Debian's `busybox-static` with the engine itself and pushes it.
 * @returns its name
 */
export async function publishBusybox(host: string, scratch: string): Promise<string> {
  const root = join(scratch, 'busybox-root');
  for (const folder of ['bin', 'etc', 'tmp', 'root', 'proc', 'sys', 'dev']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync('/bin/busybox', join(root, 'bin', 'busybox'));
  chmodSync(join(root, 'bin', 'busybox'), 0o755);
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n')) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(
    join(root, 'etc', 'passwd'),
    'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n',
  );
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\napp:x:1000:\n');
  const registry = createRegistryClient({});
  const name = `${host}/base/busybox:1`;
  try {
    await build(
      testBuildOptions({
        home: join(scratch, 'busybox-home'),
        context: { type: 'folder', path: root },
        dockerfile: { name: 'Dockerfile', text: 'FROM scratch\nCOPY . /\nCMD ["sh"]\n' },
        outputs: [{ type: 'push', names: [parseReference(name)] }],
        registry,
      }),
    );
  } finally {
    registry.close();
  }
  return name;
}
