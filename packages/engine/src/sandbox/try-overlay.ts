import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { launcherArguments } from './launcher.ts';
import { createOverlayRoots } from './overlay-root.ts';
import { runProcessTree } from './process-tree.ts';
import type { RuntimeSandboxParts } from './runtime-sandbox.ts';

export interface OverlayTrial {
  /** Mount and process namespaces can be made. */
  readonly namespaces: boolean;
  /** Options that overlayfs takes; undefined where it can't be mounted on this file system. */
  readonly overlay?: readonly string[];
  /** What stood in the way. */
  readonly reason: string;
}

/**
 * Option sets, the best first. `volatile` (Linux 5.10) spares the syncs that package managers ask for: a folder that
 * was being filled when the machine went down is thrown away anyway.
 */
function optionSets(rootless: boolean): readonly (readonly string[])[] {
  const plain = rootless ? ['userxattr'] : ['redirect_dir=off', 'metacopy=off', 'index=off'];
  return [['volatile', ...plain], plain];
}

/** Mounts an overlay in a throw-away namespace, in the empty folder `bundle`. */
export async function tryOverlay(
  bundle: string,
  { tools, posix, rootless }: Pick<RuntimeSandboxParts, 'tools' | 'posix' | 'rootless'>,
): Promise<OverlayTrial> {
  const signal = new AbortController().signal;
  let namespaces = false;
  let reason = '';
  for (const [at, overlay] of optionSets(rootless).entries()) {
    const folder = `${bundle}/${at}`;
    for (const name of ['', '/lower', '/upper', '/work', '/run']) mkdirSync(folder + name);
    const prepare = createOverlayRoots(overlay);
    const paths = { lowers: [`${folder}/lower`], upper: `${folder}/upper`, work: `${folder}/work` };
    const root = await prepare(paths, { bundle: folder, name: 'root', signal });
    const command = [tools.sh, ...launcherArguments(folder, root.steps, [tools.sh, '-c', 'exit 0'])];
    const io = { signal, onOutput() {} };
    const input = Buffer.alloc(0);
    const { exitCode, complaint } = await runProcessTree(
      { tools, namespaces: [], command, input },
      io,
      posix,
    );
    if (exitCode === 0) return { namespaces: true, overlay, reason: '' };
    const log = `${folder}/launcher.log`;
    namespaces ||= existsSync(log);
    const said = existsSync(log) ? readFileSync(log, 'utf8') : complaint;
    reason = said.trim() || `exit code ${exitCode}`;
  }
  return { namespaces, reason };
}
