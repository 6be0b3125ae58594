import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requirePart, type Skips } from './require-program.ts';

const busybox = '/bin/busybox';

export function requireBusybox(t: Skips): boolean {
  return requirePart(t, existsSync(busybox), 'busybox is not there: apt-get install busybox-static');
}

/**
 * Fills a folder with a small root of Debian's `busybox-static`: all applets, users `root` and `app` (1000). With a
 * Dockerfile of `FROM scratch`, `COPY . /` it is a base that tests can run things on.
 */
export function makeBusyboxRoot(root: string): void {
  for (const folder of ['bin', 'etc', 'tmp', 'root', 'proc', 'sys', 'dev']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync(busybox, join(root, 'bin', 'busybox'));
  chmodSync(join(root, 'bin', 'busybox'), 0o755);
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(
    join(root, 'etc', 'passwd'),
    'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n',
  );
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\napp:x:1000:\n');
}
