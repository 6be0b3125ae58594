import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { isOwnerAlive, processOwner } from '../store/process-owner.ts';

/** The folder in a bundle that the launcher keeps in memory: config, secrets, the runtime's state. Nothing of it is on a disk. */
export const memoryFolder = 'run';

/** The file in a bundle that the launcher's programs write their errors to. */
export const launcherLog = 'launcher.log';
/** The file in a bundle that the runtime writes its errors to, JSON lines. */
export const runtimeLog = 'runtime.log';

let count = 0;

/** A new folder for one run, named after this process. */
export function makeBundle(tempDir: string): string {
  const bundle = `${tempDir}/run-${processOwner(process.pid).replace(':', '-')}-${++count}`;
  mkdirSync(bundle, { recursive: true, mode: 0o700 });
  mkdirSync(`${bundle}/${memoryFolder}`, { mode: 0o700 });
  // room for what they have to say of a full disk
  for (const log of [launcherLog, runtimeLog]) writeFileSync(`${bundle}/${log}`, '\n');
  return bundle;
}

/** Links in it are removed, not followed; nothing is mounted in it outside the launcher's namespace. */
export function removeBundle(bundle: string): void {
  rmSync(bundle, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what killed processes left. */
export function removeLeftBundles(tempDir: string): void {
  for (const name of readdirSync(tempDir)) {
    const [, pid, start] = /^run-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
    if (pid !== undefined && !isOwnerAlive(`${pid}:${start}`)) removeBundle(`${tempDir}/${name}`);
  }
}
