import { mkdirSync } from 'node:fs';
import { fault } from '@onebuild/core';
import { loadPosix, type Posix } from '../posix/posix.ts';
import { createOverlayMarks } from '../snapshot/overlay-marks.ts';
import { makeBundle, removeBundle, removeLeftBundles } from './bundle-folder.ts';
import { createCopiedRoots } from './copied-root.ts';
import { findRuntime } from './find-runtime.ts';
import { findTool } from './find-tools.ts';
import { createOverlayRoots } from './overlay-root.ts';
import type { Runtime } from './runtime.ts';
import { createRuntimeSandbox, type RuntimeSandboxParts } from './runtime-sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { canFilter } from './seccomp/prepare-filter.ts';
import { tryOverlay } from './try-overlay.ts';

export interface SandboxChoice {
  readonly prefer: 'auto' | Runtime['name'];
  /** This process is root of a user namespace, not of the machine. */
  readonly rootless: boolean;
  /** For folders that last as long as a command; this process' own, or shared with others that use it like this. */
  readonly tempDir: string;
  /** Where upper folders will be, if that is another file system. */
  readonly layersDir?: string;
}

/**
 * Looks what this machine offers, once per build (some ten milliseconds).
 * @throws RUNTIME_MISSING, SANDBOX_FAILED where namespaces can't be made
 */
export async function chooseSandbox(choice: SandboxChoice): Promise<Sandbox> {
  const { rootless, tempDir } = choice;
  mkdirSync(tempDir, { recursive: true, mode: 0o700 });
  removeLeftBundles(tempDir);
  const tools = findTreeTools();
  const runtime = chooseRuntime(choice);
  const posix = await loadPosix();
  const marks = createOverlayMarks(posix, { rootless });
  const overlay = await probeOverlay(choice, { tools, posix });
  const notes = [
    rootless ? 'rootless' : 'root',
    ...(overlay ? [] : ['copied roots, no overlayfs']),
    ...((await canFilter(runtime.filters)) ? [] : ['no seccomp']),
  ];
  return createRuntimeSandbox({
    isolation: `${runtime.name} (${notes.join(', ')})`,
    runtime,
    prepareRoot: overlay ? createOverlayRoots(overlay) : createCopiedRoots(posix, marks),
    posix,
    marks,
    tools,
    tempDir,
    rootless,
  });
}

function findTreeTools(): RuntimeSandboxParts['tools'] {
  const need = (name: string, source: string) => {
    const path = findTool(name);
    if (path !== undefined) return path;
    throw fault('RUNTIME_MISSING', `the program ${name} is not installed`, {
      hint: `Install it: \`apt-get install ${source}\`.`,
    });
  };
  need('mount', 'mount');
  return {
    setpriv: need('setpriv', 'util-linux'),
    unshare: need('unshare', 'util-linux'),
    sh: need('sh', 'dash'),
  };
}

function chooseRuntime({ prefer, rootless }: SandboxChoice): Runtime {
  const names = prefer === 'auto' ? (['crun', 'runc', 'unshare'] as const) : [prefer];
  for (const name of names) {
    const runtime = findRuntime(name, { rootless });
    if (runtime) return runtime;
  }
  throw fault('RUNTIME_MISSING', `${prefer} is not installed`, {
    hint: `Install it: \`apt-get install ${prefer}\`.`,
  });
}

/** Mount options that work here; undefined where overlayfs doesn't. */
async function probeOverlay(
  { tempDir, layersDir = tempDir, rootless }: SandboxChoice,
  parts: { readonly tools: RuntimeSandboxParts['tools']; readonly posix: Posix },
): Promise<readonly string[] | undefined> {
  const probe = makeBundle(layersDir);
  try {
    const result = await tryOverlay(probe, { ...parts, rootless });
    if (result.namespaces) return result.overlay;
    throw fault('SANDBOX_FAILED', `namespaces cannot be made here: ${result.reason}`, {
      hint: rootless
        ? 'Run `onebuild doctor`.'
        : 'Run as root, or let OneBuild make a user namespace (`apt-get install uidmap`); in a container: `--privileged`.',
    });
  } finally {
    removeBundle(probe);
  }
}
