import { join } from 'node:path';
import { type MachineCheck, probeMachine } from '@onebuild/engine';
import type { CliContext } from '../cli-context.ts';
import { createPalette } from '../display/palette.ts';
import { renderChecks } from '../display/render-checks.ts';
import { exitCodes } from '../exit-code.ts';
import { findStoreHome } from '../settings/store-home.ts';
import { wantsColours } from '../settings/wants-colours.ts';
import type { DoctorFlags } from './doctor.ts';

/** `onebuild doctor`: exits with 8 when something is missing that builds need. */
export async function runDoctor(context: CliContext, flags: DoctorFlags): Promise<void> {
  const home = findStoreHome(context, flags.home);
  const report = await probeMachine({ tempDir: join(home, 'tmp') });
  const checks = [...ownChecks(home), ...report.checks];
  if (!report.ok) context.exitCode = exitCodes.environment;
  const palette = createPalette(wantsColours(context.env, context.stdout));
  const text =
    flags.format === 'json'
      ? JSON.stringify({ ok: report.ok, checks }, null, 2)
      : renderChecks(checks, { ok: report.ok, palette }).join('\n');
  context.stdout.write(`${text}\n`);
}

function ownChecks(home: string): MachineCheck[] {
  return [
    { name: 'node', ok: true, needed: true, detail: `${process.version} (${process.execPath})` },
    { name: 'store', ok: true, needed: true, detail: home },
  ];
}
