import { lstatSync, readdirSync } from 'node:fs';
import { unpackDevice } from '../posix/device-number.ts';
import type { ConfigDevice } from './sandbox-config.ts';

/** What a container has of its own. */
const own = new Set(
  'pts shm mqueue fd stdin stdout stderr console core null zero full random urandom tty ptmx'.split(' '),
);

/** All devices of the host, for commands that asked for them (`RUN --security=insecure`). */
export function hostDevices(): readonly ConfigDevice[] {
  const devices: ConfigDevice[] = [];
  const folders = ['/dev'];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of readdirSync(folder)) {
      if (folder === '/dev' && own.has(name)) continue;
      const path = `${folder}/${name}`;
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory()) folders.push(path);
      if (!stat?.isCharacterDevice() && !stat?.isBlockDevice()) continue;
      const [major, minor] = unpackDevice(stat.rdev);
      const { uid, gid } = stat;
      devices.push({
        path,
        type: stat.isBlockDevice() ? 'b' : 'c',
        major,
        minor,
        fileMode: stat.mode & 0o777,
        uid,
        gid,
      });
    }
  }
  return devices;
}
