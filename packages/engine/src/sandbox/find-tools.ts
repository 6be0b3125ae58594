import { accessSync, constants } from 'node:fs';

/** Where the programs of the system are; the environment is not asked. */
export const systemPath = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/run/current-system/sw/bin',
];

/** What programs of the system are started with. libmount's newer calls limit `lowerdir` to 256 bytes. */
export const systemEnvironment = Object.freeze({
  PATH: systemPath.join(':'),
  LC_ALL: 'C',
  LIBMOUNT_FORCE_MOUNT2: 'always',
});

/** Absolute path of a program of the system. */
export function findTool(name: string): string | undefined {
  return systemPath.map((folder) => `${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
