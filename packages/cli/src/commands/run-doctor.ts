import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toFault } from '@onebuild/core';
import { type MachineCheck, probeMachine } from '@onebuild/engine';
import type { CliContext } from '../cli-context.ts';
import { createPalette } from '../display/palette.ts';
import { renderChecks } from '../display/render-checks.ts';
import { exitCodes } from '../exit-code.ts';
import { checkDestination } from '../settings/check-destination.ts';
import { findStoreHome } from '../settings/store-home.ts';
import { wantsColours } from '../settings/wants-colours.ts';
import type { DoctorFlags } from './doctor.ts';

/** `onebuild doctor`: exits with 8 when something is missing that builds need. */
export async function runDoctor(context: CliContext, flags: DoctorFlags): Promise<void> {
  const home = findStoreHome(context, flags.home);
  const store = checkStore(home);
  const report = await probeMachine({ tempDir: store.ok ? join(home, 'tmp') : tmpdir() });
  const checks = [nodeCheck(), store, ...report.checks];
  const ok = report.ok && store.ok;
  if (!ok) context.exitCode = exitCodes.environment;
  const palette = createPalette(wantsColours(context.env, context.stdout));
  const text =
    flags.format === 'json'
      ? JSON.stringify({ ok, checks }, null, 2)
      : renderChecks(checks, { ok, palette }).join('\n');
  context.stdout.write(`${text}\n`);
}

function nodeCheck(): MachineCheck {
  return { name: 'node', ok: true, needed: true, detail: `${process.version} (${process.execPath})` };
}

function checkStore(home: string): MachineCheck {
  const check = { name: 'store', needed: true } as const;
  try {
    checkDestination(home, home, 'folder');
    return { ...check, ok: true, detail: home };
  } catch (error) {
    return { ...check, ok: false, detail: toFault(error).message, fix: 'export ONEBUILD_HOME=FOLDER' };
  }
}
