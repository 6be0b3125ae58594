import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { release, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toFault } from '@onebuild/core';
import { hostPlatform } from '@onebuild/oci';
import { loadPosix } from '../posix/posix.ts';
import { findTool, systemEnvironment } from '../sandbox/find-tools.ts';
import { createLimitGroup } from '../sandbox/limit-group.ts';
import { tryOverlay } from '../sandbox/try-overlay.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import { readBinfmtHandlers } from './binfmt-handlers.ts';
import { checkRootless } from './check-rootless.ts';
import type { MachineCheck, MachineReport } from './machine-report.ts';
import { canRunPlatform, emulationCommand } from './run-platform.ts';

export interface ProbeOptions {
  /** On the file system where the store is. */
  readonly tempDir: string;
}

/** Tries what builds use, for the user that this process is. Leaves nothing behind. */
export async function probeMachine({ tempDir }: ProbeOptions): Promise<MachineReport> {
  mkdirSync(tempDir, { recursive: true });
  const folder = mkdtempSync(join(tempDir, 'probe-'));
  const user = { name: userInfo().username, uid: userInfo().uid };
  const root = user.uid === 0;
  try {
    const rootless = join(folder, 'rootless');
    mkdirSync(rootless);
    const checks = [
      checkKernel(),
      ...checkTools(),
      ...(await checkRuntimes()),
      ...(root
        ? [await checkOverlay(folder), await checkLimits()]
        : await checkRootless({ user, folder: rootless })),
      ...(await checkPlatforms(folder)),
    ];
    return { ok: checks.every(({ ok, needed }) => ok || !needed), checks };
  } finally {
    await removeTree(folder);
  }
}

/** User namespaces mount overlayfs since 5.11; whiteouts can be made by anybody since 5.8. */
function checkKernel(): MachineCheck {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const ok = major > 5 || (major === 5 && minor >= 11);
  return {
    name: 'kernel',
    ok,
    needed: false,
    detail: `Linux ${release()}${ok ? '' : '; 5.11 or newer builds without root quicker'}`,
  };
}

function checkTools(): readonly MachineCheck[] {
  const sources = { setpriv: 'util-linux', unshare: 'util-linux', mount: 'mount' };
  return Object.entries(sources).map(([name, source]) => {
    const path = findTool(name);
    if (path !== undefined) return { name, ok: true, needed: true, detail: path };
    return { name, ok: false, needed: true, detail: 'not installed', fix: `apt-get install ${source}` };
  });
}

async function checkRuntimes(): Promise<readonly MachineCheck[]> {
  return Promise.all(
    ['crun', 'runc'].map(async (name): Promise<MachineCheck> => {
      const path = findTool(name);
      if (path === undefined) {
        const detail = 'not installed; without one, steps run in plain namespaces';
        return { name, ok: false, needed: false, detail, fix: `apt-get install ${name}` };
      }
      try {
        const { stdout } = await promisify(execFile)(path, ['--version'], {
          env: systemEnvironment,
          timeout: 10_000,
        });
        return { name, ok: true, needed: false, detail: `${stdout.split('\n')[0]} (${path})` };
      } catch (error) {
        return {
          name,
          ok: false,
          needed: false,
          detail: toFault(error).message,
          fix: `apt-get install ${name}`,
        };
      }
    }),
  );
}

async function checkOverlay(folder: string): Promise<MachineCheck> {
  const name = 'overlayfs';
  const [setpriv, unshare, sh] = ['setpriv', 'unshare', 'sh'].map((tool) => findTool(tool));
  if (!setpriv || !unshare || !sh) return { name, ok: false, needed: false, detail: 'programs are missing' };
  try {
    const tools = { setpriv, unshare, sh };
    const trial = await tryOverlay(folder, { tools, posix: await loadPosix(), rootless: false });
    if (trial.overlay)
      return { name, ok: true, needed: false, detail: `works (${trial.overlay.join(', ')})` };
    if (trial.namespaces) {
      return { name, ok: false, needed: false, detail: `roots are copied for each step (${trial.reason})` };
    }
    return { name: 'namespaces', ok: false, needed: true, detail: trial.reason };
  } catch (error) {
    return { name, ok: false, needed: true, detail: toFault(error).message };
  }
}

async function checkLimits(): Promise<MachineCheck> {
  const name = 'memory and CPU limits';
  try {
    await createLimitGroup('probe', { memory: 64 * 1024 * 1024, cpus: 1 }).remove();
    return { name, ok: true, needed: false, detail: 'can be set' };
  } catch (error) {
    const { message, details } = toFault(error);
    return { name, ok: false, needed: false, detail: `${message} (${details.reason ?? 'unknown reason'})` };
  }
}

async function checkPlatforms(folder: string): Promise<readonly MachineCheck[]> {
  const host = hostPlatform(process.arch);
  const runs: string[] = [];
  for (const architecture of ['amd64', 'arm64', '386', 'arm', 'riscv64', 'ppc64le', 's390x', 'loong64']) {
    const support = await canRunPlatform({ os: 'linux', architecture }, folder);
    if (support.runs) runs.push(`linux/${architecture}${support.by === 'emulation' ? ' (emulated)' : ''}`);
  }
  const handlers = readBinfmtHandlers();
  const emulates = runs.some((text) => text.endsWith('(emulated)'));
  const detail = `${runs.join(', ')}${handlers ? '' : '; binfmt_misc is not mounted'}`;
  return [
    { name: 'platform', ok: true, needed: true, detail: `linux/${host.architecture}` },
    {
      name: 'platforms for RUN',
      ok: emulates,
      needed: false,
      detail,
      ...(!emulates && { fix: emulationCommand() }),
    },
  ];
}
