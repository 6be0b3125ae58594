import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fault, type OneBuildError } from '@onebuild/core';
import { formatPlatform, hostPlatform, type Platform } from '@onebuild/oci';
import { binfmtFolder, readBinfmtHandlers } from './binfmt-handlers.ts';
import { elfHeader, elfProgram } from './elf-program.ts';

/** How this machine runs programs of a platform, or why it doesn't. */
export type PlatformSupport =
  | { readonly runs: true; readonly by: 'the processor' | 'emulation' }
  | { readonly runs: false; readonly reason: string };

const trials = new Map<string, Promise<boolean>>();

/** `tempDir`: a folder where a program may be written and run, for the architectures that only trying tells. */
export async function canRunPlatform(platform: Platform, tempDir: string): Promise<PlatformSupport> {
  const { os, architecture } = platform;
  if (os !== 'linux') return { runs: false, reason: `steps of ${os} images cannot run on Linux` };
  if (architecture === hostPlatform(process.arch).architecture) return { runs: true, by: 'the processor' };
  const handlers = readBinfmtHandlers();
  const header = elfHeader(architecture);
  const handler = header && handlers?.find((candidate) => candidate.matches(header));
  if (handler?.fixed) return { runs: true, by: 'emulation' };
  if (handler) {
    return {
      runs: false,
      reason: `${handler.interpreter} is registered without the flag F, so that it is not found inside images`,
    };
  }
  const trial = trials.get(architecture) ?? tryProgram(architecture, tempDir);
  trials.set(architecture, trial);
  if (await trial) return { runs: true, by: 'the processor' };
  return {
    runs: false,
    reason: handlers ? 'no emulation is registered for it' : `${binfmtFolder} is not mounted`,
  };
}

/** @throws PLATFORM_NOT_RUNNABLE with the commands that bring emulation */
export async function assertPlatformRuns(platform: Platform, tempDir: string): Promise<void> {
  const support = await canRunPlatform(platform, tempDir);
  if (!support.runs) throw notRunnable(platform, support.reason);
}

function notRunnable(platform: Platform, reason: string): OneBuildError {
  const name = formatPlatform(platform);
  return fault('PLATFORM_NOT_RUNNABLE', `this machine cannot run programs of ${name}: ${reason}`, {
    ...(platform.os === 'linux' && { hint: `Install emulation: \`${emulationCommand()}\`.` }),
    details: { platform: name },
  });
}

/** A shell line that makes foreign programs run on Debian. */
export function emulationCommand(): string {
  const mount = `mount -t binfmt_misc binfmt_misc ${binfmtFolder}`;
  const install = 'apt-get install qemu-user-static binfmt-support';
  return readBinfmtHandlers() ? install : `${mount} && ${install} && update-binfmts --enable`;
}

/** 32-bit programs on a 64-bit processor; and handlers that this mount namespace doesn't show. */
async function tryProgram(architecture: string, tempDir: string): Promise<boolean> {
  const program = elfProgram(architecture);
  if (!program) return false;
  const folder = mkdtempSync(join(tempDir, 'try-'));
  try {
    const path = join(folder, 'program');
    writeFileSync(path, program, { mode: 0o700 });
    await promisify(execFile)(path, [], { timeout: 10_000, env: {} });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
